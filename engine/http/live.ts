import type { HttpAnswer } from '../steps/world.ts'
import { send, troubleOf, type Way } from './send.ts'

/** Asks an URL of the real world for its status; redirects are answers, not followed. */
export async function askUrl(url: string, timeoutMs: number, way: Way): Promise<HttpAnswer> {
  try {
    const response = await send(url, { timeoutMs }, way)
    response.destroy()
    return { status: response.statusCode ?? 0 }
  } catch (error) {
    return troubleOf(error)
  }
}
