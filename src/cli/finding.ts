/** One finding of `fcmesh doctor`; remedy null where nothing is to be done. */
export type Finding = {
  readonly check: string;
  readonly state: 'good' | 'warning' | 'bad';
  readonly finding: string;
  readonly remedy: string | null;
};

/** Makes one. */
export function found(check: string, state: Finding['state'], finding: string, remedy: string | null = null): Finding {
  return { check, state, finding, remedy };
}
