/** A decoded object with its fields as properties of its own, all the way down: as comparing, spreading and JSON need it. */
export function plain<T>(value: T): T {
  if (Array.isArray(value)) return value.map(plain) as T;
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const name in value) copy[name] = plain(value[name]);
  return copy as T;
}
