import type { Readiness } from '../../base/readiness.ts'
import type { Installed } from '../find.ts'

/** The SDK releases that Breakglass is tested with; errors of other releases may be misclassified. */
export const KNOWN = ['528']

/** Checks whether gcloud is installed in a tested version. */
export function checkGcloud(installed: Installed | undefined): Readiness {
  if (installed === undefined)
    return {
      name: 'gcloud',
      status: 'failed',
      message: 'gcloud is not installed, or it is not on PATH',
      hint: 'install the Google Cloud SDK, or add its bin folder to PATH, then run this command again',
    }
  const { path, version } = installed
  if (KNOWN.includes(version.split('.')[0] ?? ''))
    return { name: 'gcloud', status: 'ok', message: `gcloud ${version} at ${path}` }
  return {
    name: 'gcloud',
    status: 'warning',
    message: `gcloud ${version} at ${path} is not a tested version (tested: ${KNOWN.join(', ')})`,
    hint: 'rehearse with it before you rely on it: `breakglass rehearse`',
  }
}

/** Checks for the components that commands need; assumes `beta` if their needs are unknown. */
export function checkComponents(installed: Installed, needed: string[] | undefined): Readiness {
  const { components } = installed
  const wanted = needed ?? ['beta']
  if (wanted.length === 0) return { name: 'components', status: 'ok', message: 'no components needed' }
  if (components === undefined)
    return {
      name: 'components',
      status: 'warning',
      message: `the SDK does not list its components; it may lack ${wanted.join(', ')}`,
      hint: `check with \`gcloud ${wanted[0]} --help\``,
    }
  const missing = wanted.filter((name) => !components.includes(name))
  if (missing.length === 0) return { name: 'components', status: 'ok', message: `installed: ${wanted.join(', ')}` }
  return {
    name: 'components',
    status: needed === undefined ? 'warning' : 'failed',
    message: `gcloud components not installed: ${missing.join(', ')}`,
    hint: `run \`gcloud components install ${missing.join(' ')}\`, then run this command again`,
  }
}
