#!/usr/bin/env node
import { ConfigError, readConfig, settings } from './config.ts';
import { createGateway } from './gateway.ts';

const usage = `modelarts-graphql-gateway [serve | simulate | schema | --help]

  serve      (default) serve GraphQL; with no endpoint configured, over a simulator of ModelArts
  simulate   run the simulator alone, as an upstream for something else
  schema     print the GraphQL schema

Settings are environment variables:
${settings.map(({ name, fallback, description }) => `  ${name.padEnd(22)} ${description}${fallback === '' ? '' : ` [${fallback}]`}`).join('\n')}
`;

/** Calls `close` once at the first SIGINT or SIGTERM, then lets the process end. */
function closeOnSignal(close: () => Promise<void>): void {
  const stop = (): void => {
    close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

async function serve(): Promise<void> {
  const { endpoints, simulatorPort, simulatorSpeed, ...config } = readConfig();
  if (endpoints !== null) {
    const gateway = await createGateway({ ...config, endpoints });
    closeOnSignal(gateway.close);
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
    graphiqlHeaders: { 'X-Auth-Token': token, 'X-Project-Id': projectId },
    signIn: { domain, user, password, projectName },
  });
  closeOnSignal(async () => {
    await gateway.close();
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
  const { simulatorPort, simulatorSpeed, host } = readConfig();
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

const commands: Readonly<Record<string, () => Promise<void>>> = { serve, simulate, schema };

const [name = 'serve', ...rest] = process.argv.slice(2);
const command = commands[name];
if (name === '--help' || name === '-h' || name === 'help') {
  process.stdout.write(usage);
} else if (command === undefined || rest.length > 0) {
  process.stderr.write(`There is no command "${[name, ...rest].join(' ')}".\n\n${usage}`);
  process.exitCode = 2;
} else {
  command().catch((error: unknown) => {
    process.stderr.write(
      `${error instanceof ConfigError ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
    );
    process.exitCode = 1;
  });
}
