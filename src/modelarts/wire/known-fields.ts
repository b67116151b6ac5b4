import { type Check, type Drift, object, type Wire } from './read.ts';

const fields = (names: string): ReadonlySet<string> => new Set(names.split(' '));

/** What the contract lists for each object of the upstream, whether we show it or not. */
export const knownFields = {
  Notebook: fields(
    'id name description status feature flavor image lease workspace_id token url create_at update_at user_id user volume data_volumes endpoints action_progress billing_items tags fail_reason pool custom_spec affinity run_user user_vpc ip jupyter_version is_need_credentials',
  ),
  Image: fields(
    'id name status status_message type arch service_type dev_services resource_categories swr_path tag tags workspace_id description create_at update_at namespace origin size visibility support_res_categories flavor_type swr_instance_id show_name show_tag',
  ),
  ImageGroup: fields(
    'name namespace create_at update_at version_count id description read_me icon_name swr_instance_id swr_instance_name',
  ),
  Workspace: fields(
    'id name description owner create_time update_time auth_type enterprise_project_id enterprise_project_name status status_info grants',
  ),
  Flavor: fields(
    'id name description arch category feature free memory vcpus sold_out storages billing gpu ascend evs_max_size evs_sku_code grow_support_type',
  ),
  Lease: fields('create_at duration enable type update_at'),
  StorageMount: fields('id category mount_path uri status failure_reason efs_id mount_type'),
  TagValues: fields('key values'),
  DevEnvironment: fields(
    'id name description status creation_timestamp latest_update_timestamp flavor flavor_details profile spec user workspace ai_project pool queuing_info error_code repository',
  ),
} as const;

/** Tells of fields the contract does not list; they are passed over otherwise. */
export function reportUnknownFields(kind: keyof typeof knownFields, wire: Wire, drift: Drift): void {
  for (const name in wire) if (!knownFields[kind].has(name)) drift(`${kind} field`, name);
}

type Field = { readonly name: string; readonly check: Check | null; following: Field | undefined };

/**
 * A check of a whole object: of fields the contract does not list, and of those that have a check of their own. One walk
 * over the object does both. The upstream writes fields in the same order each time, so the one that followed last time
 * is tried before it is looked up.
 */
export function objectCheck(kind: keyof typeof knownFields, checks: Readonly<Record<string, Check>>): Check {
  const fieldOf = (name: string): Field => ({ name, check: checks[name] ?? null, following: undefined });
  const byName = new Map([...knownFields[kind]].map((name) => [name, fieldOf(name)]));
  const start = fieldOf('');
  return (value, drift) => {
    const wire = object(value);
    let last = start;
    for (const name in wire) {
      const field = last.following?.name === name ? last.following : byName.get(name);
      if (field === undefined) {
        drift(`${kind} field`, name);
        continue;
      }
      field.check?.(wire[name], drift);
      last.following = field;
      last = field;
    }
  };
}
