import type { Answer, Call, ProjectCall } from './call.ts';
import * as devEnvironments from './dev-env/dev-environments.ts';
import { unknownApi } from './errors.ts';
import { authenticate } from './iam/authentication.ts';
import * as directory from './iam/directory.ts';
import { createTokenWithIdToken, createUnscopedTokenWithIdToken } from './iam/federation.ts';
import { deleteUserToken, issueToken, keystoneValidateToken } from './iam/iam.ts';
import { keystoneListVersions, keystoneShowVersion } from './iam/versions.ts';
import { createImage, deleteImage, registerImage } from './image/changes.ts';
import { listImage, listImageGroup, showImage } from './image/images.ts';
import { listFlavors, showSwitchableFlavors } from './notebook/flavors.ts';
import { renewLease, showLease } from './notebook/leases.ts';
import { listAllNotebooks, listNotebooks } from './notebook/listing.ts';
import * as notebooks from './notebook/notebooks.ts';
import { attachObs, cancelObs, listAttachableObss, showAttachableObs } from './notebook/storage.ts';
import { createNotebookTags, deleteNotebookTags, showNotebookTags } from './notebook/tags.ts';
import { updateNotebook } from './notebook/update.ts';
import { listWorkspaces } from './workspaces.ts';

const inProject =
  (operation: (call: ProjectCall) => Answer) =>
  (call: Call): Answer =>
    operation(authenticate(call));

/** Of newer Huawei Cloud: elsewhere its gateway knows no such API, whoever asks. */
const onHuawei =
  (operation: (call: Call) => Answer) =>
  (call: Call): Answer => {
    if (call.state.settings.cloud !== 'huawei') throw unknownApi();
    return operation(call);
  };

/**
 * What answers each operation, by its operationId: method and path are those of contract/modelarts.openapi.yaml. Every one
 * throws a Refusal for what it does not do.
 */
export const handlers: Readonly<Record<string, (call: Call) => Answer | Promise<Answer>>> = {
  keystoneListVersions,
  keystoneShowVersion,
  issueToken,
  keystoneValidateToken,
  deleteUserToken,
  createTokenWithIdToken,
  createUnscopedTokenWithIdToken,
  ...directory,
  createNotebook: inProject(notebooks.createNotebook),
  listNotebooks: inProject(listNotebooks),
  listAllNotebooks: inProject(listAllNotebooks),
  listFlavors: inProject(listFlavors),
  showNotebook: inProject(notebooks.showNotebook),
  updateNotebook: inProject(updateNotebook),
  deleteNotebook: inProject(notebooks.deleteNotebook),
  startNotebook: inProject(notebooks.startNotebook),
  stopNotebook: inProject(notebooks.stopNotebook),
  showLease: inProject(showLease),
  renewLease: inProject(renewLease),
  showNotebookTags: onHuawei(inProject(showNotebookTags)),
  createNotebookTags: onHuawei(inProject(createNotebookTags)),
  deleteNotebookTags: onHuawei(inProject(deleteNotebookTags)),
  showSwitchableFlavors: inProject(showSwitchableFlavors),
  createImage: inProject(createImage),
  listAttachableObss: inProject(listAttachableObss),
  attachObs: inProject(attachObs),
  showAttachableObs: inProject(showAttachableObs),
  cancelObs: inProject(cancelObs),
  listImage: inProject(listImage),
  registerImage: inProject(registerImage),
  listImageGroup: inProject(listImageGroup),
  showImage: inProject(showImage),
  deleteImage: inProject(deleteImage),
  listWorkspaces: inProject(listWorkspaces),
  createDevEnvironment: inProject(devEnvironments.createDevEnvironment),
  listDevEnvironments: inProject(devEnvironments.listDevEnvironments),
  showDevEnvironment: inProject(devEnvironments.showDevEnvironment),
  updateDevEnvironment: inProject(devEnvironments.updateDevEnvironment),
  deleteDevEnvironment: inProject(devEnvironments.deleteDevEnvironment),
  actOnDevEnvironment: inProject(devEnvironments.actOnDevEnvironment),
};

/** Operations of the contract the simulator does not have, by operationId, with the reason. */
export const unserved: Readonly<Record<string, string>> = {};
