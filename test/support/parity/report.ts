import type { Trial } from './trial.ts';

/** What came out differently, for people, and as an entry of `once-failed.ts`. */
export function reportOf(trial: Trial, error: unknown, origin: string): string {
  const { question, transport, accept, isCostAsked, token, project, isFromElsewhere, world } = trial;
  const how = [
    `over ${transport}`,
    `accepting ${accept ?? 'anything'}`,
    ...(isCostAsked ? ['with its cost'] : []),
    ...(token === 'own' ? [] : [`token: ${token}`]),
    ...(project === 'usual' ? [] : [`project: ${project}`]),
    ...(isFromElsewhere ? ['from another origin'] : []),
    ...(world.fault === null ? [] : [`fault: ${JSON.stringify(world.fault)}`]),
    ...(world.turn === null ? [] : [`turn: ${JSON.stringify(world.turn)}`]),
  ];
  return [
    'everything on answers otherwise than everything off',
    origin,
    how.join(', '),
    `query: ${question.query}`,
    ...(question.variables === null ? [] : [`variables: ${question.variables}`]),
    ...(question.operationName === undefined ? [] : [`operationName: ${JSON.stringify(question.operationName)}`]),
    error instanceof Error ? error.message : String(error),
    `for test/parity/once-failed.ts: ${JSON.stringify(trial)}`,
  ].join('\n  ');
}
