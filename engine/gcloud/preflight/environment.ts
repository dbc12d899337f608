import type { Readiness } from '../../base/readiness.ts'
import { untrustedFolders } from '../../programs/find-program.ts'
import type { Access } from '../../runbook/access.ts'
import { describeIgnored, ignoredVariables } from '../environment.ts'

type Variables = Readonly<Record<string, string | undefined>>

/** Checks for variables that would redirect commands; gcloud doesn't get them, and the check names them. */
export function checkEnvironment(variables: Variables, access?: Access): Readiness {
  if (variables.NODE_TLS_REJECT_UNAUTHORIZED === '0')
    return {
      name: 'environment',
      status: 'failed',
      message: 'NODE_TLS_REJECT_UNAUTHORIZED=0 turns off certificate checks: anyone could answer as Google',
      hint: 'run `unset NODE_TLS_REJECT_UNAUTHORIZED`, then run this command again',
    }
  const ignored = ignoredVariables(variables)
  const folders = untrustedFolders(variables.PATH).map((folder) => (folder === '' ? '(empty)' : folder))
  if (ignored.length === 0 && folders.length === 0)
    return {
      name: 'environment',
      status: 'ok',
      message: 'no variable redirects gcloud or exposes its requests',
    }
  const found = [
    ...(ignored.length > 0
      ? [
          [
            `not passed to gcloud, because they could redirect it: ${describeIgnored(variables, access)}`,
            `run \`unset ${ignored.join(' ')}\``,
          ],
        ]
      : []),
    ...(folders.length > 0
      ? [
          [
            `not searched for programs, because anyone could put one there: ${folders.join(', ')}`,
            'remove these entries from PATH',
          ],
        ]
      : []),
  ]
  return {
    name: 'environment',
    status: 'warning',
    message: found.map(([message]) => message).join('; '),
    hint: found.map(([, hint]) => hint).join('; '),
  }
}

/** Checks for a GitHub token if runbooks read workflow runs. */
export function checkGithubToken(variables: Variables, needed: boolean): Readiness {
  if (!needed) return { name: 'github', status: 'ok', message: 'no GitHub token needed' }
  if (variables.GH_TOKEN || variables.GITHUB_TOKEN)
    return { name: 'github', status: 'ok', message: 'a GitHub token is set' }
  return {
    name: 'github',
    status: 'warning',
    message: 'no GitHub token is set: workflow runs of private repositories cannot be read',
    hint: 'set GH_TOKEN, for example with `export GH_TOKEN=$(gh auth token)`',
  }
}
