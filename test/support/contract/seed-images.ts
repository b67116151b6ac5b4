import { type Json, sampleOf } from './leaves.ts';

/** The contract's sample of listImage, with whose images the simulator begins. Its total counts one more than it lists. */
const { data, total } = sampleOf('listImage.response-200') as { data: Json[]; total: number };

export const seedImages = { count: data.length, claimed: total };
