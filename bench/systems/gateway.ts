import { join, resolve } from 'node:path';
import { freePort, type Program, startOnPort } from '../processes/program.ts';
import { projectId } from '../upstream/samples.ts';
import { type Place, systemCore } from './system.ts';

export type GatewayOptions = {
  /** of its log and its CPU profile */
  readonly name: string;
  /** the Node it runs on; left out: that of the bench */
  readonly nodeBin?: string;
  /** a built checkout; left out: this one */
  readonly checkout?: string;
  readonly environment?: Readonly<Record<string, string>>;
};

/** As a client finds it: metrics, limits and logs on. */
export async function startGateway(place: Place, options: GatewayOptions): Promise<Program> {
  const { upstreamUrl, folder, profileFolder } = place;
  const { name, nodeBin = process.execPath, checkout = '.', environment } = options;
  const port = await freePort();
  const flags =
    profileFolder === undefined
      ? []
      : ['--cpu-prof', `--cpu-prof-dir=${resolve(profileFolder)}`, `--cpu-prof-name=${name}.cpuprofile`];
  return startOnPort([nodeBin, ...flags, 'dist/cli.js', 'serve'], {
    port,
    logFile: join(folder, `${name}-${port}.log`),
    core: systemCore,
    cwd: resolve(checkout),
    environment: {
      PORT: String(port),
      MODELARTS_ENDPOINT: upstreamUrl,
      IAM_ENDPOINT: upstreamUrl,
      MODELARTS_PROJECT_ID: projectId,
      // all load has one address, and `{ __typename }` alone has no token accepted
      RATE_ADDRESS_REQUESTS: '1000000000',
      ...environment,
    },
  });
}
