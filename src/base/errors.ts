/** The one error class of the project: for mistakes of the programmer or the operator, never for input from the network. */

/** An error with a stable code; `remedy` says what to do next, as a sentence for the operator. */
export class MeshError extends Error {
  readonly code: `ERR_${string}`;
  readonly remedy: string | null;

  constructor(code: `ERR_${string}`, message: string, remedy: string | null = null) {
    super(message);
    this.name = 'MeshError';
    this.code = code;
    this.remedy = remedy;
  }
}
