/** How long a webhook has for an answer. */
const PATIENCE_MS = 3000

/** Sends a body to a webhook; answers nothing, or why it did not arrive, in words that never hold the address. */
export async function post(url: string, body: string, ended: AbortSignal): Promise<string | undefined> {
  const signal = AbortSignal.any([AbortSignal.timeout(PATIENCE_MS), ended])
  const headers = { 'content-type': 'application/json' }
  try {
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal })
    await response.body?.cancel()
    return response.ok ? undefined : `it answered ${response.status}`
  } catch (error) {
    const { name, cause } = error as Error & { cause?: { code?: string } }
    return name === 'TimeoutError' || name === 'AbortError' ? 'it did not answer in time' : (cause?.code ?? 'it failed')
  }
}
