import type { UnreadableCause } from '../steps/types.ts'
import type { HttpAnswer } from '../steps/world.ts'

/** Asks an URL of the real world for its status; redirects are answers, not followed. */
export async function askUrl(url: string, timeoutMs: number): Promise<HttpAnswer> {
  try {
    const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) })
    await response.body?.cancel()
    return { status: response.status }
  } catch (error) {
    return { failed: reasonOf(error as Error), cause: causeOf(error as Error) }
  }
}

const causeOf = (error: Error): UnreadableCause => (error.name === 'TimeoutError' ? 'timeout' : 'network')

function reasonOf(error: Error): string {
  const cause = error.cause as { code?: string; message?: string } | undefined
  return cause?.code ?? cause?.message ?? error.message
}
