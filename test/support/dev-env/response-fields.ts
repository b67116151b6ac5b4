import { type FieldRow, mapOf, type Row, table } from './field-rows.ts';

const flavorDetailsRows: readonly Row[] = [
  ['name', 'name'],
  ['status', 'status', 'soldOut', 'SOLD_OUT'],
  ['queuing_num', 'queuingCount', 17],
  ['queue_left_time', 'queueRemainingSeconds', 1861],
  ['storage_list', 'storageTypes', ['obs', 'evs', 'efs'], ['OBS', 'EVS', 'EFS']],
  ['is_permitted', 'permitted', true],
  ['type', 'type', 'GPU'],
  [
    'params',
    'params',
    { CPU: 8, memory: '64GiB' },
    [
      { key: 'CPU', value: '8' },
      { key: 'memory', value: '64GiB' },
    ],
  ],
  ['promo_type', 'promoType', 'NoDiscount', 'NO_DISCOUNT'],
  ['instance_num', 'instanceCount', 3],
  ['duration', 'durationSeconds', 7201],
  ['store_time', 'storeHours', -1],
  ['billing_flavor', 'billingFlavor'],
  ['billing_params', 'billingRatio', 2],
];

const connectionRows: readonly Row[] = [
  ['protocol', 'protocol', 'https', 'HTTPS'],
  ['url', 'url'],
];

const gitCredentialRows: readonly Row[] = [
  ['ssh_private_key', 'sshPrivateKey'],
  ['access_token', 'accessToken'],
];

const repositoryRows: readonly Row[] = [
  ['id', 'id'],
  ['branch', 'branch'],
  ['user_name', 'userName'],
  ['user_email', 'userEmail'],
  ['type', 'type', 'GitHub', 'GIT_HUB'],
];

const repositoryTables = (wire: string, graphql: string): FieldRow[] => [
  ...table(28, [wire, graphql], repositoryRows),
  ...table(29, [`${wire}.connection_info`, `${graphql}.connectionInfo`], connectionRows),
  ...table(30, [`${wire}.connection_info.credential`, `${graphql}.connectionInfo.credential`], gitCredentialRows),
];

const storageTables = (type: string): FieldRow[] => [
  ...table(20, ['spec.storage', 'spec.storage'], [['type', 'type', type, type.toUpperCase()]]),
  ...table(
    21,
    ['spec.storage.location', 'spec.storage.location'],
    [
      ['path', 'path'],
      ['volume_size', 'volumeSizeGiB', 50],
    ],
  ),
];

/**
 * Fields of the answer on the ModelArts page "Creating a Development Environment Instance" (modelarts_03_0110), tables 11 to 30, with the
 * place of each in `DevEnvInstance`. Fields that only hold an object are in the rows of that object. Rows of table 0 are not on the page
 * but in the contract, which knows more samples.
 */
export const responseFields: readonly FieldRow[] = [
  ...table(
    11,
    ['', ''],
    [
      ['id', 'devEnvInstanceId', 'DE-7d558ef8-c73d-11ea-964c-0255ac100033'],
      ['name', 'name'],
      ['description', 'description'],
      ['status', 'status', 'START_QUEUING'],
      ['creation_timestamp', 'createdAt', '1594887749962', '2020-07-16T08:22:29.962Z'],
      ['latest_update_timestamp', 'updatedAt', '1594887750963', '2020-07-16T08:22:30.963Z'],
      ['flavor', 'flavor.flavorId', 'modelarts.bm.gpu.v100NV32'],
      ['error_code', 'errorCode', 'ModelArts.6200'],
    ],
  ),
  ...table(
    12,
    ['profile', 'profile'],
    [
      ['id', 'profileId', 'Multi-Engine 1.0 (python3)-gpu'],
      ['name', 'name'],
      ['description', 'description'],
      ['de_type', 'deType'],
      ['flavor_type', 'flavorType'],
      ['labels', 'labels', ...mapOf('label')],
    ],
  ),
  ...table(13, ['profile.provision', 'profile.provision'], [['type', 'type', 'Docker']]),
  ...table(14, ['profile.provision.spec', 'profile.provision.spec'], [['engine', 'engine', 'CCE']]),
  ...table(
    15,
    ['profile.provision.spec.params', 'profile.provision.spec.params'],
    [
      ['namespace', 'namespace'],
      ['image_name', 'imageName'],
      ['image_tag', 'imageTag'],
      ['annotations', 'annotations', ...mapOf('image-annotation')],
    ],
  ),
  ...table(16, ['flavor_details', 'flavorDetails'], flavorDetailsRows),
  ...table(
    17,
    ['pool', 'pool'],
    [
      ['id', 'id'],
      ['name', 'name'],
      ['type', 'type', 'USER_DEFINED'],
    ],
  ),
  ...table(18, ['pool.owner', 'pool'], [['project_id', 'ownerProjectId']]),
  ...table(
    19,
    ['spec', 'spec'],
    [
      ['log_path', 'logPath'],
      ['custom_script_path', 'customScriptPath'],
      // the page links the Git table 30 for AK and SK, so any name must come through
      ['credential', 'credential', ...mapOf('ak')],
      ['resource_reserved_timestamp', 'resourceReservedAt', 1594887751964, '2020-07-16T08:22:31.964Z'],
      ['annotations', 'annotations', ...mapOf('target_domain')],
      ['extend_params', 'extendParams', ...mapOf('extension')],
    ],
  ),
  ...storageTables('obs'),
  ...table(
    22,
    ['spec.failed_reasons', 'spec.failedReasons'],
    [
      ['code', 'code'],
      ['message', 'message'],
      ['detail', 'detail', ...mapOf('reason')],
    ],
  ),
  ...table(
    23,
    ['spec.auto_stop', 'spec.autoStop'],
    [
      ['enable', 'enabled', true],
      ['duration', 'durationSeconds', 3600],
      ['prompt', 'prompted', false],
      ['stop_timestamp', 'stopAt', 1594891349962, '2020-07-16T09:22:29.962Z'],
      ['remain_time', 'remainingSeconds', 3541],
    ],
  ),
  ...table(24, ['workspace', ''], [['id', 'workspaceId']]),
  ...table(25, ['ai_project', ''], [['id', 'aiProjectId']]),
  ...table(
    26,
    ['queuing_info', 'queuingInfo'],
    [
      ['id', 'devEnvInstanceId'],
      ['name', 'name'],
      ['de_type', 'deType'],
      ['flavor', 'flavor.flavorId', 'modelarts.vm.cpu.free'],
      ['status', 'status', 'CREATE_QUEUING'],
      ['begin_timestamp', 'beginAt', 1594887752965, '2020-07-16T08:22:32.965Z'],
      ['remain_time', 'remainingSeconds', 61],
      ['end_timestamp', 'endAt', 1594887813965, '2020-07-16T08:23:33.965Z'],
      ['rank', 'rank', 5],
    ],
  ),
  ...table(16, ['queuing_info.flavor_details', 'queuingInfo.flavorDetails'], flavorDetailsRows),
  ...table(
    27,
    ['user', 'user'],
    [
      ['id', 'id'],
      ['name', 'name'],
    ],
  ),
  ...repositoryTables('repository', 'repository'),
  ...repositoryTables('spec.repository', 'spec.repository'),
  ...table(
    0,
    ['', ''],
    [
      [
        'spec.extend_storage',
        'spec.extendStorage',
        [{ type: 'obsfs', location: { path: '/bucket/parallel/' } }],
        [{ type: 'OBSFS', location: { path: '/bucket/parallel/' } }],
      ],
      ['spec.storage.location.volume_unit', 'spec.storage.location.volumeUnit', 'GB'],
      ['profile.provision.annotations', 'profile.provision.annotations', ...mapOf('deployment-annotation')],
    ],
  ),
];
