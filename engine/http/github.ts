import { json } from 'node:stream/consumers'
import type { Json } from '../base/json.ts'
import type { GithubAnswer } from '../steps/world.ts'
import { send, troubleOf, type Way } from './send.ts'

/** Returns the address of GitHub's REST API and the token, from the variables of GitHub's own tools (GITHUB_API_URL, GH_TOKEN, GITHUB_TOKEN). */
export function githubFrom(environment: Readonly<Record<string, string | undefined>>): { api: string; token?: string } {
  const token = environment.GH_TOKEN || environment.GITHUB_TOKEN
  return { api: environment.GITHUB_API_URL || 'https://api.github.com', ...(token ? { token } : {}) }
}

/** GETs a path of GitHub's REST API. It follows no redirects, so that the token goes nowhere else. */
export async function askGithub(
  github: { api: string; token?: string },
  path: string,
  timeoutMs: number,
  way: Way,
): Promise<GithubAnswer> {
  const headers = {
    accept: 'application/vnd.github+json',
    'user-agent': 'breakglass',
    ...(github.token === undefined ? {} : { authorization: `Bearer ${github.token}` }),
  }
  try {
    const response = await send(`${github.api.replace(/\/$/, '')}${path}`, { headers, timeoutMs }, way)
    return { status: response.statusCode ?? 0, json: (await json(response).catch(() => null)) as Json }
  } catch (error) {
    return troubleOf(error)
  }
}
