/** `createDevEnvironment.request` of the contract's samples, as `createDevEnvInstance` takes it. */
export const sampleInstanceInput = {
  name: 'notebook-d115',
  description: '',
  profileId: 'Power-Engine 1.0(python3)',
  flavorId: 'modelarts.kat1.xlarge',
  spec: {
    storage: { type: 'OBS', location: { path: '/aaaaaaaaa/output/' } },
    autoStop: { enabled: true, durationSeconds: 3600 },
  },
  workspaceId: '0',
};
