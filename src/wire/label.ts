/** Route labels as a message field: see `base/label.ts` for the text form. Source: protocol 01 §6. */
export { formatLabel, type Label, parseLabel } from '../base/index.ts';
