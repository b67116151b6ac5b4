import { z } from 'zod';

/** Of all that replicas tell each other. It goes up when one that knows the former number would misread what is meant. */
export const messageVersion = 1;

/** The number in what was received. Releases before there was one wrote none; of any other number nothing else is known. */
export const knownVersion = z.literal(messageVersion).optional();
