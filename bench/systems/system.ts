import type { Dialect } from '../load/workloads.ts';
import type { Program } from '../processes/program.ts';
import { images, notebookId, projectId } from '../upstream/samples.ts';

/** The core of the system under test; the upstream and the clients have the other one. */
export const systemCore = 0;
export const clientCore = 1;

export type Place = {
  readonly upstreamUrl: string;
  /** for logs and generated configuration */
  readonly folder: string;
  /** the gateway writes its CPU profile here */
  readonly profileFolder?: string | undefined;
};

export type System = {
  readonly name: string;
  readonly dialect: Dialect;
  /** major version of the Node it runs on; null: none */
  node(): string | null;
  /** of what is installed, for the report */
  versions(): string;
  /** installs what is missing, and waits until it listens */
  start(place: Place): Promise<Program>;
};

/** What peers are told. */
export const peerEnvironment = (upstreamUrl: string, port: number) => ({
  PORT: String(port),
  UPSTREAM: upstreamUrl,
  PROJECT_ID: projectId,
  NOTEBOOK_ID: notebookId,
  IMAGE_IDS: images.map(({ id }) => id).join(','),
  NODE_ENV: 'production',
  TAILCALL_TRACKER: 'false',
});
