import type { ServerResponse } from 'node:http'
import type { Reply } from './faults/inject-fault.ts'
import type { Answer } from './model/answer.ts'
import type { Clock } from './model/clock.ts'

/** Sends a client its reply; calls `done` with the status, or null for none, just before sending. */
export async function send(
  response: ServerResponse,
  reply: Reply,
  clock: Clock,
  done: (status: number | null) => void = () => {},
): Promise<void> {
  switch (reply.kind) {
    case 'answer':
      done(reply.answer.status)
      return write(response, reply.answer)
    case 'late': {
      const arrived = await waited(response, clock, clock.now() + reply.afterMs)
      done(arrived ? reply.answer.status : null)
      if (arrived) write(response, reply.answer)
      return
    }
    case 'truncated':
      done(reply.answer.status)
      return writeHalf(response, reply.answer)
    case 'dropped':
      done(null)
      response.destroy()
      return
    case 'hung':
      response.once('close', () => done(null))
      return
  }
}

function write(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
}

/** Promises the whole body and breaks off halfway. */
function writeHalf(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) })
  response.write(body.slice(0, Math.floor(body.length / 2)), () => response.destroy())
}

/** Waits until a time of the sandbox's clock; returns false if the client disconnects first. */
async function waited(response: ServerResponse, clock: Clock, due: number): Promise<boolean> {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  try {
    await clock.until(due, gone.signal)
    return true
  } catch {
    return false
  }
}
