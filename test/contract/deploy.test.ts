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
    expect(documents.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([]);
    expect(manifests.map(({ kind }) => kind).sort()).toEqual([
      'ConfigMap',
      'Deployment',
      'HorizontalPodAutoscaler',
      'NetworkPolicy',
      'PodDisruptionBudget',
      'Service',
      'ServiceAccount',
    ]);
    expect(new Set(manifests.map(({ metadata }) => metadata.name)).size).toBe(1);
  });

  it('sets settings that exist, to values they take', () => {
    const names = settings.map(({ name }) => name);
    const set = [...Object.keys(environment), ...container.env.map(({ name }: { name: string }) => name)];
    expect(set.filter((name) => !names.includes(name))).toEqual([]);
    expect(Object.values(environment).filter((value) => typeof value !== 'string')).toEqual([]);
    const config = readConfig(environment);
    expect(config.host).toBe('0.0.0.0');
    expect(config.endpoints).not.toBeNull();
  });

  it('names one port everywhere', () => {
    const { port } = readConfig(environment);
    expect(container.ports).toEqual([{ name: 'http', containerPort: port }]);
    const [exposed] = find('Service').spec.ports;
    const [allowed] = find('NetworkPolicy').spec.ingress[0].ports;
    const used = [exposed.targetPort, allowed.port, ...probes.map((probe) => container[probe].httpGet.port)];
    expect(used).toEqual(Array(5).fill('http'));
    expect(pod.metadata.annotations['prometheus.io/port']).toBe(String(port));
  });

  it('asks paths the gateway answers', async () => {
    const bed = await startTestBed();
    const paths: string[] = [
      ...probes.map((probe) => container[probe].httpGet.path),
      pod.metadata.annotations['prometheus.io/path'],
    ];
    for (const path of paths) expect([path, (await fetch(new URL(path, bed.gateway.url))).status]).toEqual([path, 200]);
    // a replica whose upstream is away must not be restarted
    expect(container.livenessProbe.httpGet.path).not.toBe('/ready');
    expect(container.readinessProbe.httpGet.path).toBe('/ready');
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
      expect(labels).toMatchObject(selector);
      expect(Object.keys(selector)).not.toEqual([]);
    }
    const { scaleTargetRef, minReplicas } = find('HorizontalPodAutoscaler').spec;
    expect(scaleTargetRef).toMatchObject({ kind: 'Deployment', name: find('Deployment').metadata.name });
    // with one replica the disruption budget would let nobody serve, or no node be drained
    expect(minReplicas).toBeGreaterThan(1);
    expect(find('Deployment').spec.replicas).toBeUndefined();
  });

  it('gives the process no more rights than it needs, and time to end', () => {
    expect(pod.spec.securityContext).toMatchObject({ runAsNonRoot: true });
    expect(pod.spec.automountServiceAccountToken).toBe(false);
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(container.resources).toMatchObject({
      requests: { cpu: expect.any(String), memory: expect.any(String) },
      limits: { memory: expect.any(String) },
    });
    expect(pod.spec.terminationGracePeriodSeconds).toBeGreaterThan(10);
  });

  it('has no secret in it', () => {
    expect(Object.keys(environment).filter((name) => /SECRET|PASSWORD|TOKEN/.test(name))).toEqual([]);
    expect(container.env.every((variable: object) => 'valueFrom' in variable)).toBe(true);
  });
});
