import { openEnum } from '../core/enums.ts';

export const NotebookStatusEnum = openEnum('NotebookStatus', {
  description: 'State of a notebook.',
  values: {
    INIT: 'Accepted; creating has not begun. Passes by itself.',
    CREATING: 'Being created. Passes by itself.',
    STARTING: 'Being started. Passes by itself.',
    STOPPING: 'Being stopped. Passes by itself.',
    DELETING: 'Being deleted. Passes by itself.',
    RUNNING: 'In use; costs money.',
    STOPPED: 'Stopped; only its volume is kept.',
    SNAPSHOTTING: 'Being saved as an image; not usable meanwhile. Passes by itself.',
    CREATE_FAILED: 'Creating failed; `failReason` may say why. It can be deleted.',
    START_FAILED: 'Starting failed; `failReason` may say why. It can be deleted.',
    DELETE_FAILED: 'Deleting failed; `failReason` may say why.',
    ERROR: 'Broken; `failReason` may say why. It can be deleted.',
    DELETED: 'Gone.',
    FROZEN: 'Blocked because the account is in arrears.',
  },
});

export const VolumeCategoryEnum = openEnum('VolumeCategory', {
  description: 'Kind of storage.',
  values: {
    EFS: 'Scalable file service (SFS Turbo).',
    EVS: 'Elastic volume: a disk of its own.',
    SFS: 'Scalable file service, as the older pages call it.',
    OBS: 'Object storage.',
    OBSFS: 'Object storage mounted as a parallel file system.',
  },
});

export const VolumeOwnershipEnum = openEnum('VolumeOwnership', {
  description: 'Who runs the storage.',
  values: { MANAGED: 'ModelArts.', DEDICATED: 'You: an EFS of your own.' },
});

export const VolumeStatusEnum = openEnum('VolumeStatus', {
  description: 'State of a volume; given for EVS only.',
  values: {
    RESIZING: 'Growing.',
    INITIALIZING: 'Being made.',
    IN_USE: 'In use.',
    DELETING: 'Being deleted.',
    DELETED: 'Gone.',
    DELETE_FAILED: 'Deleting failed.',
    MOUNTING: 'Being mounted.',
    MOUNTED: 'Mounted.',
    MOUNT_FAILED: 'Mounting failed.',
    UNMOUNTING: 'Being unmounted.',
    UNMOUNTED: 'Not mounted.',
    UNMOUNT_FAILED: 'Unmounting failed.',
  },
});

export const EndpointServiceEnum = openEnum('EndpointService', {
  description: 'How an endpoint is entered.',
  values: { NOTEBOOK: 'JupyterLab in the browser.', SSH: 'SSH with a key pair.' },
});

export const ActionStepStatusEnum = openEnum('ActionStepStatus', {
  description: 'State of one step of a start-up.',
  values: { WAITING: 'Not begun.', PROCESSING: 'Under way.', COMPLETED: 'Done.', FAILED: 'Failed.' },
});
