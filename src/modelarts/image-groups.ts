import type { Session } from './client/client.ts';
import { segment } from './client/path.ts';
import type { ListImageRequest } from './images.ts';
import { objectCheck } from './wire/known-fields.ts';
import { call, type Decoder, type Page, pageOf } from './wire/operation.ts';
import { instant, integer32, object, text } from './wire/read.ts';

/** Own images of one name, each version an image. Times are Unix ms. */
export type ImageGroup = {
  readonly name: string;
  readonly namespace: string | null;
  readonly createdAtMs: number | null;
  readonly updatedAtMs: number | null;
  readonly versionCount: number | null;
};

const checkImageGroup = objectCheck(
  'ImageGroup',
  'name namespace create_at update_at version_count id description read_me icon_name swr_instance_id swr_instance_name',
);

export const decodeImageGroup: Decoder<ImageGroup> = (body, drift) => {
  const wire = object(body);
  const name = wire && text(wire.name);
  if (wire === null || name === null || name === '') return null;
  checkImageGroup(wire, drift);
  return {
    name,
    namespace: text(wire.namespace),
    createdAtMs: instant(wire.create_at),
    updatedAtMs: instant(wire.update_at),
    versionCount: integer32(wire.version_count),
  };
};

const decodeImageGroupPage = pageOf('ImageGroup', decodeImageGroup);

export type ListImageGroupRequest = Pick<
  ListImageRequest,
  'name' | 'isNameFuzzy' | 'namespace' | 'type' | 'workspaceId'
>;

/**
 * Own images by name. The upstream knows no paging here: one page holds everything.
 * REST: `GET /v1/{project_id}/images/group` (ListImageGroup).
 */
export const listImageGroup = async (
  session: Session,
  projectId: string,
  request: ListImageGroupRequest = {},
): Promise<Page<ImageGroup>> =>
  call(
    session,
    {
      operationId: 'listImageGroup',
      method: 'GET',
      service: 'modelarts',
      path: `/v1/${segment(projectId)}/images/group`,
      query: {
        name: request.name,
        name_fuzzy_match: request.isNameFuzzy,
        namespace: request.namespace,
        type: request.type,
        workspace_id: request.workspaceId,
      },
    },
    decodeImageGroupPage,
  );
