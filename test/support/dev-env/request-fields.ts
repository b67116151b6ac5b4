import { type FieldRow, table } from './field-rows.ts';

/**
 * Fields of the request on the ModelArts page "Creating a Development Environment Instance" (modelarts_03_0110), tables 2 to 10, with
 * the place of each in `CreateDevEnvInstanceInput`. Rows of table 0 are not on the page but in the contract, which knows more samples.
 */
export const requestFields: readonly FieldRow[] = [
  ...table(
    2,
    ['', ''],
    [
      ['name', 'name', 'notebook-d115'],
      ['profile_id', 'profileId', 'Power-Engine 1.0(python3)'],
      ['description', 'description', 'made by a test'],
      ['flavor', 'flavorId', 'modelarts.kat1.xlarge'],
    ],
  ),
  ...table(
    3,
    ['spec', 'spec'],
    [
      [
        'extend_storage',
        'extendStorage',
        [{ type: 'obsfs', location: { path: '/bucket/parallel/' } }],
        [{ type: 'OBSFS', location: { path: '/bucket/parallel/' } }],
      ],
      [
        'annotations',
        'annotations',
        { team: 'vision', stage: 'try' },
        [
          { key: 'team', value: 'vision' },
          { key: 'stage', value: 'try' },
        ],
      ],
    ],
  ),
  ...table(4, ['spec.storage', 'spec.storage'], [['type', 'type', 'obs', 'OBS']]),
  ...table(5, ['spec.storage.location', 'spec.storage.location'], [['path', 'path', '/aaaaaaaaa/output/']]),
  ...table(
    6,
    ['spec.auto_stop', 'spec.autoStop'],
    [
      ['enable', 'enabled', true],
      ['duration', 'durationSeconds', 3600],
      ['prompt', 'prompted', false],
    ],
  ),
  ...table(7, ['workspace', ''], [['id', 'workspaceId', '0']]),
  ...table(
    8,
    ['pool', 'pool'],
    [
      ['id', 'id', 'pool-1'],
      ['type', 'type', 'USER_DEFINED'],
      ['name', 'name', 'pool of a test'],
    ],
  ),
  ...table(9, ['pool.owner', 'pool'], [['project_id', 'ownerProjectId', 'project-of-pool']]),
  ...table(10, ['ai_project', ''], [['id', 'aiProjectId', 'ai-project-1']]),
  ...table(0, ['', ''], [['spec.storage.location.volume_size', 'spec.storage.location.volumeSizeGiB', 50]]),
];
