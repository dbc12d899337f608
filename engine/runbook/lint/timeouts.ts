import { formatDuration, parseDuration } from '../../base/duration.ts'
import { commandOf } from '../../gcloud-grammar/command.ts'
import { isLongRunning, timesOf } from '../../gcloud-grammar/operation-times.ts'
import type { GcloudStepTemplate } from '../types.ts'
import type { Finding, Path } from './findings.ts'

/** Warns about a `timeout` or `settle` shorter than the API can take, which would leave a working change in doubt. */
export function lintTimes(path: Path, { apply, timeout, settle }: GcloudStepTemplate): Finding[] {
  if (!apply || !isLongRunning(apply.gcloud)) return []
  const { groups, verb = '' } = commandOf(apply.gcloud)
  const command = `gcloud ${[...groups, verb].join(' ')}`
  const times = timesOf(apply.gcloud)
  const isShort = (own: string | undefined, needed: string): own is string =>
    own !== undefined && parseDuration(own) < parseDuration(needed)
  const found: Finding[] = []
  if (isShort(timeout, times.timeout))
    found.push({
      path: [...path, 'timeout'],
      severity: 'warning',
      message: `\`${command}\` can take ${formatDuration(parseDuration(times.timeout))}, but \`timeout\` stops it after ${timeout}, which leaves the change in doubt`,
      hint: `remove \`timeout\`, or increase it to ${times.timeout}`,
    })
  if (isShort(settle?.within, times.settle))
    found.push({
      path: [...path, 'settle', 'within'],
      severity: 'warning',
      message: `a change by \`${command}\` can take ${formatDuration(parseDuration(times.settle))} to become visible, but the read-back ends after ${settle?.within}`,
      hint: `remove \`within\`, or increase it to ${times.settle}`,
    })
  return found
}
