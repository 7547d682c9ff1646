/** Something that is not as it should be, in words for the operator. */
export interface Finding {
  /** Which check found it, such as `positions`. */
  readonly check: string;
  /** Such as `slot 17` or `run:shop/1`. */
  readonly where: string;
  readonly problem: string;
}
