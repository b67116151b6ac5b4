import { readConfig } from '../../../src/config.ts';
import { createGateway } from '../../../src/gateway.ts';
import { quickly, type TestBedOptions } from '../gateway.ts';
import { sideOf } from './side.ts';
import { startStockedBed } from './stock.ts';
import { ownProject, type Pair } from './trial.ts';

type GatewaySettings = NonNullable<TestBedOptions['gateway']>;

/** One gateway as it is by default, and one with all that makes it fast switched off, before the same simulator. */
export async function startPair(settings: GatewaySettings): Promise<{ pair: Pair; close(): Promise<void> }> {
  const { isFastOn, revalidationMaxBytes, areQueryPlansOn, isFastPathOn } = readConfig({});
  // as quiet as it is in production: lines of each upstream call are not looked at
  const both = { projectId: ownProject, isEachCallAlone: true, ...settings };
  const called: string[] = [];
  const { bed, stock } = await startStockedBed(
    { ...both, isFastOn, revalidationMaxBytes, areQueryPlansOn, isFastPathOn },
    called,
  );
  const logLines: string[] = [];
  const off = await createGateway({
    ...quickly,
    ...both,
    isFastOn: false,
    endpoints: { modelarts: bed.simulator.url, iam: bed.simulator.url },
    limits: readConfig({}).limits,
    logDestination: { write: (line) => logLines.push(line) },
  });
  const pair: Pair = {
    bed,
    stock,
    token: bed.simulator.demo.token,
    on: await sideOf(bed.gateway.url, bed.logLines),
    off: await sideOf(off.url, logLines),
    isProjectSent: both.projectId === null,
    called,
    isCatalogKept: settings.catalogTtlMs !== 0,
  };
  return {
    pair,
    async close() {
      pair.on.close();
      pair.off.close();
      await off.close();
      await bed.close();
    },
  };
}
