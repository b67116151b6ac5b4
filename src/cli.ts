#!/usr/bin/env node
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { verifyChain } from './audit/chain.ts';
import { type Config, ConfigError, endpointsToServe, readConfig, settings } from './config.ts';
import { createGateway, type Gateway } from './gateway.ts';

const usage = `modelarts-graphql-gateway [serve | simulate | schema | verify-audit <file> | --help]

  serve      (default) serve GraphQL; with no endpoint configured, and not in production, over a simulator of ModelArts
  simulate   run the simulator alone, as an upstream for something else
  schema     print the GraphQL schema
  verify-audit <file>
             follow the chain of audit lines in a file; - reads standard input

Settings are environment variables:
${settings.map(({ name, fallback, description }) => `  ${name.padEnd(22)} ${description}${fallback === '' ? '' : ` [${fallback}]`}`).join('\n')}
`;

/** Orchestrators kill after ten seconds or more; what is not closed by then would not be by waiting. */
const longestCloseMs = 9500;

/** Calls `close` at the first SIGINT or SIGTERM and ends the process when it is done; a second one ends it at once. */
function closeOnSignal(close: (signal: NodeJS.Signals) => Promise<void>): void {
  let isClosing = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (isClosing) process.exit(1);
    isClosing = true;
    setTimeout(() => process.exit(1), longestCloseMs).unref();
    close(signal).then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

/** At SIGTERM load balancers get time to see that /ready says no; who presses Ctrl-C does not wait for them. */
const closeGateway = (gateway: Gateway, noticeMs: number) => async (signal: NodeJS.Signals) => {
  gateway.drain();
  if (signal === 'SIGTERM') await sleep(noticeMs);
  await gateway.close();
};

/** A promise that fails unheard is a fault of ours, and no reason to end what the gateway does for everybody else. */
const outliveRejections = (gateway: Gateway): void => {
  process.on('unhandledRejection', (reason) => gateway.report(reason));
};

/** Reads the settings and says on standard error which of them are to be renamed. */
function readSettings(): Config {
  const config = readConfig();
  for (const warning of config.warnings) process.stderr.write(`Warning: ${warning}.\n`);
  return config;
}

async function serve(): Promise<void> {
  const given = readSettings();
  const endpoints = endpointsToServe(given);
  const { shutdownNoticeMs, simulatorPort, simulatorSpeed, ...config } = given;
  if (endpoints !== null) {
    const gateway = await createGateway({ ...config, endpoints });
    outliveRejections(gateway);
    closeOnSignal(closeGateway(gateway, shutdownNoticeMs));
    process.stdout.write(
      `GraphQL${config.isGraphiqlOn ? ' and GraphiQL' : ''}: ${gateway.url}\nUpstream: ${endpoints.modelarts}\n`,
    );
    return;
  }
  const { startSimulator } = await import('./simulator/simulator.ts');
  const simulator = await startSimulator({ port: simulatorPort, speed: simulatorSpeed });
  const { token, domain, user, password, projectId, projectName } = simulator.demo;
  const gateway = await createGateway({
    ...config,
    endpoints: { modelarts: simulator.url, iam: simulator.url },
    upstreamName: 'simulator',
    graphiqlHeaders: { 'X-Auth-Token': token, 'X-Project-Id': projectId },
    signIn: { domain, user, password, projectName },
  });
  outliveRejections(gateway);
  const close = closeGateway(gateway, shutdownNoticeMs);
  closeOnSignal(async (signal) => {
    await close(signal);
    await simulator.close();
  });
  process.stdout.write(`
  ${config.isGraphiqlOn ? 'GraphiQL' : 'GraphQL '}   ${gateway.url}
  Upstream   SIMULATOR at ${simulator.url} - not the real ModelArts; nothing here costs money or is kept
  Sign-in    domain "${domain}", user "${user}", password "${password}", project "${projectName}"
${config.isGraphiqlOn ? '             (GraphiQL opens with a token already in its headers pane)\n' : ''}
  For a real project set MODELARTS_ENDPOINT, IAM_ENDPOINT and MODELARTS_PROJECT_ID; see README.md.

`);
}

async function simulate(): Promise<void> {
  const { simulatorPort, simulatorSpeed, host } = readSettings();
  const { startSimulator } = await import('./simulator/simulator.ts');
  const simulator = await startSimulator({ host, port: simulatorPort, speed: simulatorSpeed });
  closeOnSignal(simulator.close);
  const { domain, user, password, projectName } = simulator.demo;
  process.stdout.write(
    `ModelArts simulator: ${simulator.url}\nSign-in: domain "${domain}", user "${user}", password "${password}", project "${projectName}"\n`,
  );
}

async function schema(): Promise<void> {
  const { printedSchema } = await import('./schema/print.ts');
  process.stdout.write(printedSchema());
}

async function verifyAudit(file = ''): Promise<void> {
  const input = file === '-' ? process.stdin : createReadStream(file);
  const { lines, chains, lastHash, brokenAt } = await verifyChain(createInterface({ input, crlfDelay: Infinity }));
  if (brokenAt !== null) {
    process.stdout.write(`Broken at line ${brokenAt}: it does not follow from the audit line before it.\n`);
    process.exitCode = 1;
    return;
  }
  process.stdout.write(
    `Unbroken: ${lines} lines in ${chains} chain${chains === 1 ? '' : 's'}. Last hash: ${lastHash}\n`,
  );
}

type Command = (file?: string) => Promise<void>;

const commands = new Map<string, { readonly run: Command; readonly takesFile: boolean }>([
  ['serve', { run: serve, takesFile: false }],
  ['simulate', { run: simulate, takesFile: false }],
  ['schema', { run: schema, takesFile: false }],
  ['verify-audit', { run: verifyAudit, takesFile: true }],
]);

const [name = 'serve', ...rest] = process.argv.slice(2);
const command = commands.get(name);
if (name === '--help' || name === '-h' || name === 'help') {
  process.stdout.write(usage);
} else if (command === undefined || rest.length !== (command.takesFile ? 1 : 0)) {
  process.stderr.write(`There is no command "${[name, ...rest].join(' ')}".\n\n${usage}`);
  process.exitCode = 2;
} else {
  command.run(rest[0]).catch((error: unknown) => {
    process.stderr.write(
      `${error instanceof ConfigError ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
    );
    process.exitCode = 1;
  });
}
