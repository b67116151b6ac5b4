import { LRUCache } from 'lru-cache';

const capacity = 1024;
/** Characters of all texts together: a document takes some 80 bytes for each. */
const maxCharacters = 1024 * 1024;

/** What is known of documents by their text: bounded by the size of the texts, for a thousand large ones could fill the memory. */
export const createDocumentCache = <T extends object>(): LRUCache<string, T> =>
  new LRUCache<string, T>({
    max: capacity,
    maxSize: maxCharacters,
    sizeCalculation: (_known, text) => text.length + 1,
  });
