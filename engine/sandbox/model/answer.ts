import type { Json, JsonObject } from '../../base/json.ts'

/** A complete HTTP answer that is yet to be sent. */
export type Answer = { status: number; headers: Record<string, string>; body: string }

/** Returns a JSON answer. */
export const jsonAnswer = (body: Json, status = 200): Answer => ({
  status,
  headers: { 'content-type': 'application/json; charset=UTF-8' },
  body: JSON.stringify(body),
})

/** Returns a web page in the form of Google's short error pages. */
export const htmlAnswer = (status: number, title: string, text: string): Answer => ({
  status,
  headers: { 'content-type': 'text/html; charset=UTF-8' },
  body:
    '<html><head>\n<meta http-equiv="content-type" content="text/html;charset=utf-8">\n' +
    `<title>${status} ${title}</title>\n</head>\n<body text=#000000 bgcolor=#ffffff>\n` +
    `<h1>Error: ${title}</h1>\n<h2>${text}</h2>\n<h2></h2>\n</body></html>\n`,
})

/** Returns the canonical code for an HTTP status (google.rpc.Code); for 409, that of a write that lost a race. */
export function statusWord(status: number): string {
  switch (status) {
    case 400:
      return 'INVALID_ARGUMENT'
    case 401:
      return 'UNAUTHENTICATED'
    case 403:
      return 'PERMISSION_DENIED'
    case 404:
      return 'NOT_FOUND'
    case 409:
      return 'ABORTED'
    case 429:
      return 'RESOURCE_EXHAUSTED'
    case 501:
      return 'UNIMPLEMENTED'
    case 503:
      return 'UNAVAILABLE'
    case 504:
      return 'DEADLINE_EXCEEDED'
    default:
      return status < 500 ? 'UNKNOWN' : 'INTERNAL'
  }
}

/** Returns an error in the JSON form of Google's APIs. */
export function errorAnswer(
  status: number,
  message: string,
  word = statusWord(status),
  details?: JsonObject[],
): Answer {
  return jsonAnswer({ error: { code: status, message, status: word, ...(details && { details }) } }, status)
}

/** Thrown by a method that answers with an error. */
export class Refusal extends Error {
  readonly answer: Answer
  constructor(answer: Answer) {
    super(`refused with status ${answer.status}`)
    this.answer = answer
  }
}

/** Ends a method with an error answer. */
export function refuse(status: number, message: string, word?: string, details?: JsonObject[]): never {
  throw new Refusal(errorAnswer(status, message, word, details))
}

/** Returns the google.rpc.ErrorInfo detail of an error. */
export const errorInfo = (reason: string, domain: string, metadata: JsonObject): JsonObject => ({
  '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
  reason,
  domain,
  metadata,
})
