/**
 * Keys of the schema whose function does not exist yet: accepted, and named in `status.warnings`. Whoever builds one
 * removes its line here and the remark in template.ts.
 */

/** A key that has no effect, and the value at which nobody would expect one. */
export type NotBuilt = { readonly section: string; readonly key: string; readonly inactive: string };

export const NOT_BUILT: readonly NotBuilt[] = [{ section: 'lan', key: 'beacon', inactive: 'off' }];
