/**
 * Something the operator has to put right: a setting, a right, a port, a database that can't be reached.
 * The command line prints its message, one sentence or one per problem, without a stack, and exits with code 1.
 */
export class StartupError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartupError';
  }
}
