import type { GithubAnswer } from '../steps/world.ts'

/** Where GitHub's REST API is and with which token, as GitHub's own tools name them (GITHUB_API_URL, GH_TOKEN, GITHUB_TOKEN). */
export function githubFrom(environment: Readonly<Record<string, string | undefined>>): { api: string; token?: string } {
  const token = environment.GH_TOKEN || environment.GITHUB_TOKEN
  return { api: environment.GITHUB_API_URL || 'https://api.github.com', ...(token ? { token } : {}) }
}

/** GETs a path of GitHub's REST API. Redirects are not followed, so that the token goes nowhere else. */
export async function askGithub(
  github: { api: string; token?: string },
  path: string,
  timeoutMs: number,
): Promise<GithubAnswer> {
  try {
    const response = await fetch(`${github.api.replace(/\/$/, '')}${path}`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        accept: 'application/vnd.github+json',
        'user-agent': 'breakglass',
        ...(github.token === undefined ? {} : { authorization: `Bearer ${github.token}` }),
      },
    })
    return { status: response.status, json: await response.json().catch(() => null) }
  } catch (error) {
    const { name, cause, message } = error as Error & { cause?: { code?: string } }
    return { failed: cause?.code ?? message, cause: name === 'TimeoutError' ? 'timeout' : 'network' }
  }
}
