/** The ways in which an operator says no: to a row, to its configuration, to its input, and to a call. Any other error fails the call, with its stack. */

/** Thrown of a row that the operator will have nothing to do with: the job's `on-reject` says what becomes of it. The host keeps the first 1,024 bytes of the reason. */
export class Reject extends Error {
  override name = 'Reject';
}

/** The configuration in the job file is wrong; the message names the key and what is allowed. */
export class InvalidConfig extends Error {
  override name = 'InvalidConfig';
}

/** The input's columns don't suit the operator; the message names the column and what is expected. */
export class InvalidInput extends Error {
  override name = 'InvalidInput';
}

/** Something outside that the operator was granted can't be had right now; the host tries again. */
export class Unavailable extends Error {
  override name = 'Unavailable';
}

/** The call fails with just this message, without a stack; it would happen again on the same input. */
export class Failed extends Error {
  override name = 'Failed';
}

/** Reject the row that is being worked on. */
export function reject(reason: string): never {
  throw new Reject(reason);
}
