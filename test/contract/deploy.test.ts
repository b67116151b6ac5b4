import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { readConfig, settings } from '../../src/config.ts';
import { startTestBed } from '../support/gateway.ts';

// biome-ignore lint/suspicious/noExplicitAny: manifests are read by path
type Manifest = { kind: string; metadata: { name: string; labels: Record<string, string> }; [key: string]: any };

const root = new URL('../../', import.meta.url);
const documents = parseAllDocuments(await readFile(new URL('deploy/kubernetes.yaml', root), 'utf8'));
const manifests = documents.map((document) => document.toJS() as Manifest);

const find = (kind: string): Manifest => {
  const [found, ...others] = manifests.filter((manifest) => manifest.kind === kind);
  if (found === undefined || others.length > 0) throw new Error(`not one ${kind}`);
  return found;
};

const pod = find('Deployment').spec.template;
const [container] = pod.spec.containers;
const environment: Record<string, string> = find('ConfigMap').data;
const probes = ['startupProbe', 'livenessProbe', 'readinessProbe'];

describe('deploy/kubernetes.yaml', () => {
  it('is YAML with the kinds a deployment needs, all of one name', () => {
    const hint = 'deploy/kubernetes.yaml: one manifest of each kind, all of one metadata.name';
    expect(
      documents.flatMap(({ errors, warnings }) => [...errors, ...warnings]),
      hint,
    ).toEqual([]);
    expect(manifests.map(({ kind }) => kind).sort(), hint).toEqual([
      'ConfigMap',
      'Deployment',
      'HorizontalPodAutoscaler',
      'NetworkPolicy',
      'PodDisruptionBudget',
      'Service',
      'ServiceAccount',
    ]);
    expect(new Set(manifests.map(({ metadata }) => metadata.name)).size, hint).toBe(1);
  });

  it('sets settings that exist, to values they take', () => {
    const names = settings.map(({ name }) => name);
    const set = [...Object.keys(environment), ...container.env.map(({ name }: { name: string }) => name)];
    const hint =
      'deploy/kubernetes.yaml: the names of settings are those of src/settings.ts, their values stand in quotes';
    expect(
      set.filter((name) => !names.includes(name)),
      hint,
    ).toEqual([]);
    expect(
      Object.values(environment).filter((value) => typeof value !== 'string'),
      hint,
    ).toEqual([]);
    const config = readConfig(environment);
    expect(config.host, 'deploy/kubernetes.yaml: HOST').toBe('0.0.0.0');
    expect(config.endpoints, 'deploy/kubernetes.yaml: MODELARTS_ENDPOINT and IAM_ENDPOINT').not.toBeNull();
  });

  it('names one port everywhere', () => {
    const { port } = readConfig(environment);
    const hint =
      'deploy/kubernetes.yaml: PORT, containerPort and prometheus.io/port are one number, and all else says `http`';
    expect(container.ports, hint).toEqual([{ name: 'http', containerPort: port }]);
    const [exposed] = find('Service').spec.ports;
    const [allowed] = find('NetworkPolicy').spec.ingress[0].ports;
    const used = [exposed.targetPort, allowed.port, ...probes.map((probe) => container[probe].httpGet.port)];
    expect(new Set(used), hint).toEqual(new Set(['http']));
    expect(pod.metadata.annotations['prometheus.io/port'], hint).toBe(String(port));
  });

  it('asks paths the gateway answers', async () => {
    const bed = await startTestBed();
    const paths: string[] = [
      ...probes.map((probe) => container[probe].httpGet.path),
      pod.metadata.annotations['prometheus.io/path'],
    ];
    const hint = 'deploy/kubernetes.yaml: the paths of probes are those of src/server/http/probes.ts';
    for (const path of paths) {
      const { status } = await fetch(new URL(path, bed.gateway.url));
      expect([path, status], hint).toEqual([path, 200]);
    }
    // a replica whose upstream is away must not be restarted
    expect(container.livenessProbe.httpGet.path, 'deploy/kubernetes.yaml: livenessProbe').not.toBe('/ready');
    expect(container.readinessProbe.httpGet.path, 'deploy/kubernetes.yaml: readinessProbe').toBe('/ready');
    await bed.close();
  });

  it('selects the pods it makes', () => {
    const { labels } = pod.metadata;
    for (const selector of [
      find('Deployment').spec.selector.matchLabels,
      find('Service').spec.selector,
      find('PodDisruptionBudget').spec.selector.matchLabels,
      find('NetworkPolicy').spec.podSelector.matchLabels,
    ]) {
      expect(labels, 'deploy/kubernetes.yaml: every selector has labels of the pod template').toMatchObject(selector);
      expect(Object.keys(selector), 'deploy/kubernetes.yaml: a selector without labels').not.toEqual([]);
    }
    const { scaleTargetRef, minReplicas } = find('HorizontalPodAutoscaler').spec;
    expect(scaleTargetRef, 'deploy/kubernetes.yaml: scaleTargetRef of the HorizontalPodAutoscaler').toMatchObject({
      kind: 'Deployment',
      name: find('Deployment').metadata.name,
    });
    // with one replica the disruption budget would let nobody serve, or no node be drained
    expect(minReplicas, 'deploy/kubernetes.yaml: minReplicas of the HorizontalPodAutoscaler').toBeGreaterThan(1);
    const hint = 'deploy/kubernetes.yaml: the HorizontalPodAutoscaler sets the replicas, the Deployment must not';
    expect(find('Deployment').spec.replicas, hint).toBeUndefined();
  });

  it('gives the process no more rights than it needs, and time to end', () => {
    const hint = 'deploy/kubernetes.yaml: the pod of the Deployment';
    expect(pod.spec.securityContext, hint).toMatchObject({ runAsNonRoot: true });
    expect(pod.spec.automountServiceAccountToken, hint).toBe(false);
    expect(container.securityContext, hint).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(container.resources, hint).toMatchObject({
      requests: { cpu: expect.any(String), memory: expect.any(String) },
      limits: { memory: expect.any(String) },
    });
    expect(pod.spec.terminationGracePeriodSeconds, hint).toBeGreaterThan(10);
  });

  it('has no secret in it', () => {
    const hint = 'deploy/kubernetes.yaml: take a secret from a Secret, by `valueFrom` under `env` of the container';
    expect(
      Object.keys(environment).filter((name) => /SECRET|PASSWORD|TOKEN/.test(name)),
      hint,
    ).toEqual([]);
    expect(
      container.env.every((variable: object) => 'valueFrom' in variable),
      hint,
    ).toBe(true);
  });
});

describe('what deploy/ asks Prometheus', () => {
  it.each(['alerts.yaml', 'grafana-dashboard.json'])('in %s is among the metrics that are served', async (file) => {
    const text = await readFile(new URL(`deploy/${file}`, root), 'utf8');
    const asked = new Set(text.match(/modelarts_gateway_[a-z0-9_]+/g)?.map((name) => name.replace(/_bucket$/, '')));
    const bed = await startTestBed({ gateway: { isMetricsOn: true } });
    const served = await (await fetch(new URL('/metrics', bed.gateway.url))).text();
    await bed.close();
    const known = new Set([...served.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
    expect(
      [...asked].filter((name) => !known.has(name)),
      `deploy/${file}: the names of metrics are those of src/server/telemetry/metrics.ts`,
    ).toEqual([]);
    expect(asked.size).toBeGreaterThan(5);
  });

  it('shows every metric on the dashboard', async () => {
    const text = await readFile(new URL('deploy/grafana-dashboard.json', root), 'utf8');
    const bed = await startTestBed({ gateway: { isMetricsOn: true } });
    const served = await (await fetch(new URL('/metrics', bed.gateway.url))).text();
    await bed.close();
    const known = [...served.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name ?? '');
    expect(
      known.filter((name) => !text.includes(name)),
      'deploy/grafana-dashboard.json: a panel for each metric of src/server/telemetry/metrics.ts',
    ).toEqual([]);
  });
});
