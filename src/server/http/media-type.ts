const own = 'application/graphql-response+json';
const json = 'application/json';

const events = 'text/event-stream';

/**
 * Media type of the answer to a client that accepts these, as Yoga chooses it: the first that fits decides; the one of the
 * two that stands last in Yoga's list wins where both do. Streams are for results that follow each other.
 * @returns null: Yoga itself is to choose, for there may be no JSON to answer with
 */
export function acceptedType(accept: string | undefined): string | null {
  if (accept === undefined || accept === '*/*' || accept === json) return json;
  const asked = accept.replace(/\s/g, '').toLowerCase().split(',');
  // with parameters it is not plain any more
  if (asked.some((type) => type.includes(';'))) return null;
  const [type] = asked.filter((one) => one === own || one === json || one === '*/*' || one === 'application/*');
  if (type === undefined) return null;
  return type === own ? own : json;
}

/** Type of one result for a client that accepts these and no stream, as Yoga chooses it: of a range that both fit, JSON. */
export function jsonType(accept: string | null): string {
  for (const asked of (accept || '*/*').split(',')) {
    if (asked.trim() === '') continue;
    const type = [json, own].find((one) => takes(asked, one));
    if (type !== undefined) return type;
  }
  return json;
}

/** Whether one of the types Yoga answers with is accepted. */
export const takesAnswers = (accept: string | undefined): boolean =>
  acceptedType(accept) !== null || [events, 'multipart/mixed', own, json].some((type) => takes(accept, type));

/** Whether one result is, by itself. */
export const takesJson = (accept: string | undefined): boolean => [own, json].some((type) => takes(accept, type));

/** Whether the results of a subscription are. */
export const takesEvents = (accept: string | undefined): boolean => takes(accept, events);

/** As Yoga looks for it: parameters do not matter, save for another charset than UTF-8. */
function takes(accept: string | undefined, type: string): boolean {
  const [kind, subtype] = type.split('/');
  return (accept || '*/*')
    .replace(/\s/g, '')
    .toLowerCase()
    .split(',')
    .some((asked) => {
      const [range = '', ...parameters] = asked.split(';');
      const charset = parameters.find((parameter) => parameter.includes('charset=')) ?? 'charset=utf-8';
      const [askedKind, askedSubtype] = range.split('/');
      return (
        charset === 'charset=utf-8' &&
        (askedKind === '*' || askedKind === kind) &&
        (askedSubtype === '*' || askedSubtype === subtype)
      );
    });
}
