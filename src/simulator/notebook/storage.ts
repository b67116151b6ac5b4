import { randomUUID } from 'node:crypto';
import { type Answer, ok, type ProjectCall, readBody, requiredString } from '../call.ts';
import { refusal, refusalSaying, wrongValue } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { pageEnvelope } from '../paging.ts';
import { lasts } from '../state.ts';
import { findNotebook } from './lifecycle.ts';
import type { Mount, Notebook } from './record.ts';

const mountsPerNotebook = 10;

/** POST …/storage: RUNNING notebooks only; MOUNTING, then MOUNTED. OBS comes back as OBSFS. */
export function attachObs(call: ProjectCall): Answer {
  const { now } = call;
  const notebook = findNotebook(call);
  const body = readBody(call);
  if (requiredString(body, 'category').toUpperCase() !== 'OBS') throw wrongValue('category');
  const mountPath = requiredString(body, 'mount_path');
  if (!/^\/data\/[A-Za-z0-9_-]+\/$/.test(mountPath) || mountPath.length > 256) throw wrongValue('mount_path');
  const uri = requiredString(body, 'uri');
  if (!/^obs:\/\/[^/]+\//.test(uri) || uri.length > 256) throw wrongValue('uri');
  if (notebook.status !== 'RUNNING') throw refusal('6327');
  const mounts = mountsOf(notebook, now);
  if (mounts.some((mount) => mount.mountPath === mountPath)) throw wrongValue('mount_path');
  if (mounts.length >= mountsPerNotebook) throw refusalSaying('6302', 'The number of mounts has reached the maximum.');
  const mount: Mount = {
    id: randomUUID(),
    mountPath,
    uri,
    status: 'MOUNTING',
    endsAt: now + lasts(call.state, 'mount'),
  };
  notebook.mounts.push(mount);
  return ok(mountBody(mount, now));
}

/** The envelope without paging parameters. */
export function listAttachableObss(call: ProjectCall): Answer {
  const mounts = mountsOf(findNotebook(call), call.now).map((mount) => mountBody(mount, call.now));
  return ok(pageEnvelope(mounts, { offset: 0, limit: undefined }, { base: 1 }));
}

export const showAttachableObs = (call: ProjectCall): Answer => ok(mountBody(findMount(call), call.now));

/** UNMOUNTING, then not found. @throws Refusal ModelArts.6357 while it is mounting or unmounting */
export function cancelObs(call: ProjectCall): Answer {
  const mount = findMount(call);
  if (mount.status === 'UNMOUNTING' || mount.endsAt > call.now) throw refusal('6357');
  mount.status = 'UNMOUNTING';
  mount.endsAt = call.now + lasts(call.state, 'mount');
  return ok(mountBody(mount, call.now));
}

function findMount(call: ProjectCall): Mount {
  const mounts = mountsOf(findNotebook(call), call.now);
  const mount = mounts.find(({ id }) => id === call.params.storageId);
  if (mount === undefined) throw refusalSaying('6404', 'The storage does not exist.');
  return mount;
}

/** Mounts at `now`; those that are unmounted are forgotten here. */
function mountsOf(notebook: Notebook, now: number): Mount[] {
  notebook.mounts = notebook.mounts.filter(({ status, endsAt }) => status === 'MOUNTING' || endsAt > now);
  return notebook.mounts;
}

const mountBody = ({ id, mountPath, uri, status, endsAt }: Mount, now: number): JsonObject => ({
  id,
  category: 'OBSFS',
  mount_path: mountPath,
  uri,
  status: status === 'MOUNTING' && endsAt <= now ? 'MOUNTED' : status,
});
