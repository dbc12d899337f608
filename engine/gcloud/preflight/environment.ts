import type { Readiness } from '../../base/readiness.ts'
import { untrustedFolders } from '../../programs/find-program.ts'
import type { Access } from '../../runbook/access.ts'
import { describeIgnored, ignoredVariables } from '../environment.ts'

type Variables = Readonly<Record<string, string | undefined>>

/** Checks for variables that would redirect commands; gcloud doesn't get them, and the check names them. */
export function lookAtEnvironment(variables: Variables, access?: Access): Readiness {
  if (variables.NODE_TLS_REJECT_UNAUTHORIZED === '0')
    return {
      name: 'environment',
      status: 'failed',
      message: 'NODE_TLS_REJECT_UNAUTHORIZED=0 lets anybody answer in the place of Google',
      hint: 'run `unset NODE_TLS_REJECT_UNAUTHORIZED`, then this again',
    }
  const ignored = ignoredVariables(variables)
  const folders = untrustedFolders(variables.PATH).map((folder) => (folder === '' ? '(empty)' : folder))
  if (ignored.length === 0 && folders.length === 0)
    return {
      name: 'environment',
      status: 'ok',
      message: 'no variable here would redirect gcloud or show what it sends',
    }
  const found = [
    ...(ignored.length > 0
      ? [
          [
            `Not passed on to gcloud, so that nothing redirects it: ${describeIgnored(variables, access)}`,
            `unset ${ignored.join(' ')}`,
          ],
        ]
      : []),
    ...(folders.length > 0
      ? [
          [
            `Not searched for programs, since anybody could put one there: ${folders.join(', ')}`,
            'remove these entries from the PATH',
          ],
        ]
      : []),
  ]
  return {
    name: 'environment',
    status: 'warning',
    message: found.map(([message]) => message).join('. '),
    hint: found.map(([, hint]) => hint).join('; '),
  }
}

/** Checks for a GitHub token if runbooks read workflow runs. */
export function lookAtGithub(variables: Variables, needed: boolean): Readiness {
  if (!needed) return { name: 'github', status: 'ok', message: 'no GitHub token is needed' }
  if (variables.GH_TOKEN || variables.GITHUB_TOKEN)
    return { name: 'github', status: 'ok', message: 'there is a GitHub token' }
  return {
    name: 'github',
    status: 'warning',
    message: 'there is no GitHub token, and runs of a private repository can only be seen with one',
    hint: 'set GH_TOKEN, for instance with `export GH_TOKEN=$(gh auth token)`',
  }
}
