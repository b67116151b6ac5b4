/** What watches are of; a watch's key begins with one of these. */
export const watchedKinds = {
  notebooks: 'notebooks',
  images: 'images',
  devEnvironments: 'development environments',
  /** @param notebookId raw id */
  storageOf: (notebookId: string) => `storage ${notebookId}`,
} as const;

/** A change ModelArts accepted: of what, in which project. */
export type Change = {
  readonly projectId: string;
  /** kinds it may show in; null: all */
  readonly kinds: readonly string[] | null;
};

/**
 * What may look different after a request that changes something was accepted.
 * @param path of the request: `/v1/{project_id}/notebooks/{id}/start`
 */
export function changeBy(path: string): Change {
  const [, , projectId = '', api, id, part] = path.split('/');
  return { projectId, kinds: kindsOf(api, id, part) };
}

function kindsOf(api: string | undefined, id: string | undefined, part: string | undefined): readonly string[] | null {
  const { notebooks, images, devEnvironments, storageOf } = watchedKinds;
  switch (api) {
    case 'images':
      return [images];
    case 'demanager':
      return [devEnvironments];
    case 'notebooks':
      if (part === 'create-image') return [notebooks, images];
      if (part === 'storage' && id !== undefined) return [storageOf(id)];
      // mounts come and go with the notebook
      return id === undefined ? [notebooks] : [notebooks, storageOf(id)];
    default:
      return null;
  }
}
