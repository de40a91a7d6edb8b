import { joinVersion, type ResourceTable } from './resource-table.ts';

/** Answers `/apis/GROUP` and `/apis/GROUP/VERSION`; undefined for every other path and for groups that are not served. */
export function discover(path: string, table: ResourceTable): object | undefined {
  const [, group = '', version] = /^\/apis\/([^/]+)(?:\/([^/]+))?$/.exec(path) ?? [];
  const resources = table.inGroup(group);
  if (group === '' || resources.length === 0) return undefined;

  if (version === undefined) {
    const names = [...new Set(resources.flatMap((resource) => resource.versions))];
    const versions = names.map((name) => ({ groupVersion: joinVersion(group, name), version: name }));
    return { kind: 'APIGroup', apiVersion: 'v1', name: group, versions, preferredVersion: versions[0] };
  }
  const served = resources.filter((resource) => resource.versions.includes(version));
  if (served.length === 0) return undefined;
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: joinVersion(group, version),
    resources: served.map(({ plural, kind, namespaced }) => ({ name: plural, kind, namespaced })),
  };
}
