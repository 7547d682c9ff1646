/**
 * The one catalogue of errors, shared by HTTP and the socket. `temporary` says that the same request may succeed later;
 * repeating it is safe, since every item has an identity.
 */
export const errorCatalogue = {
  'protocol.bad-frame': { status: 400, temporary: false, says: 'The frame is not JSON or has no id and type.' },
  'protocol.unknown-type': { status: 400, temporary: false, says: 'No handler takes this message type.' },
  'request.invalid': {
    status: 400,
    temporary: false,
    says: 'The request does not fit its schema; details.issues says where.',
  },
  'request.too-large': {
    status: 413,
    temporary: false,
    says: 'The request is larger than the limit; details.limit is in bytes or items.',
  },
  'request.too-slow': { status: 408, temporary: true, says: 'The body of the request stalled on its way.' },
  'request.unsupported-type': {
    status: 415,
    temporary: false,
    says: 'The content type is not one that this call takes.',
  },
  'request.not-found': { status: 404, temporary: false, says: 'There is no such route.' },
  'auth.required': { status: 401, temporary: false, says: 'A token, ticket or sign-in is needed.' },
  'auth.invalid': {
    status: 401,
    temporary: false,
    says: 'The token, ticket or code is not valid, was revoked or has been used.',
  },
  'auth.expired': { status: 401, temporary: false, says: 'The token has expired.' },
  'auth.forbidden': {
    status: 403,
    temporary: false,
    says: 'The grants do not cover this; details.needs says what would.',
  },
  'auth.origin': { status: 403, temporary: false, says: 'Pages of this origin may not connect.' },
  'auth.unavailable': {
    status: 503,
    temporary: true,
    says: 'The keys that tokens are checked with cannot be reached.',
  },
  'project.unknown': { status: 404, temporary: false, says: 'There is no such project.' },
  'project.exists': { status: 409, temporary: false, says: 'A project of this id exists.' },
  'run.unknown': { status: 404, temporary: false, says: 'There is no such run.' },
  'run.erased': { status: 410, temporary: false, says: 'The data of the run was erased; it takes no more results.' },
  'run.already-ended': {
    status: 409,
    temporary: false,
    says: 'The run has ended in another way; details.offset says where.',
  },
  'run.conflict': {
    status: 409,
    temporary: true,
    says: 'Others changed the run at the same moment, several times in a row.',
  },
  'test.unknown': { status: 404, temporary: false, says: 'The run has no such test.' },
  'key.unknown': { status: 404, temporary: false, says: 'There is no such API key.' },
  'item.invalid': {
    status: 422,
    temporary: false,
    says: 'The item does not fit its schema; details.issues says where.',
  },
  'item.conflict': {
    status: 409,
    temporary: false,
    says: 'An item of the same identity and other content was stored before; offset says where.',
  },
  'item.too-large': { status: 413, temporary: false, says: 'The item is over 64 KiB even with its long texts cut.' },
  'report.unreadable': {
    status: 422,
    temporary: false,
    says: 'The report cannot be read; details has line and column. Nothing was stored.',
  },
  'report.truncated': { status: 422, temporary: false, says: 'The report ends in the middle. Nothing was stored.' },
  'report.unknown-format': { status: 415, temporary: false, says: 'The report is neither JUnit XML nor CTRF JSON.' },
  'report.refused': {
    status: 422,
    temporary: false,
    says: 'The report uses a construct that is refused, such as a document type or an external entity.',
  },
  'room.unknown': { status: 404, temporary: false, says: 'No room has such a name.' },
  'room.unrecoverable': {
    status: 410,
    temporary: false,
    says: 'The events after this offset cannot be sent; take a new snapshot (details.asOf where one exists).',
  },
  'room.gone': { status: 410, temporary: false, says: 'The data of this room was erased.' },
  'connection.limit': { status: 503, temporary: true, says: 'The server holds as many connections as it may.' },
  'connection.draining': { status: 503, temporary: true, says: 'The server is about to stop.' },
  'rate.exceeded': { status: 429, temporary: true, says: 'Too many requests from one source.' },
  'server.unknown': { status: 404, temporary: false, says: 'There is no such server in the cluster.' },
  'store.unavailable': { status: 503, temporary: true, says: 'The event store cannot be reached, or cannot write.' },
  internal: { status: 500, temporary: true, says: 'Something failed on the server; its log has the details.' },
} as const;

export type ErrorCode = keyof typeof errorCatalogue;
