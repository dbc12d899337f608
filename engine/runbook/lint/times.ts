import { formatDuration, parseDuration } from '../../base/duration.ts'
import { commandOf } from '../../gcloud-grammar/command.ts'
import { takesItsTime, timesOf } from '../../gcloud-grammar/operation-times.ts'
import type { GcloudStepTemplate } from '../types.ts'
import type { Finding, Path } from './findings.ts'

/** A change that is ended, or given up, before its API can have carried it out ends in doubt though nothing is wrong. */
export function lintTimes(path: Path, { apply, timeout, settle }: GcloudStepTemplate): Finding[] {
  if (!apply || !takesItsTime(apply.gcloud)) return []
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
      message: `\`${command}\` may take ${formatDuration(parseDuration(times.timeout))}, and it is ended after ${timeout}, which leaves the change in doubt`,
      hint: `leave out \`timeout\`, or allow ${times.timeout}`,
    })
  if (isShort(settle?.within, times.settle))
    found.push({
      path: [...path, 'settle', 'within'],
      severity: 'warning',
      message: `what \`${command}\` changes may show only after ${formatDuration(parseDuration(times.settle))}, and it is read back for ${settle?.within}`,
      hint: `leave out \`within\`, or allow ${times.settle}`,
    })
  return found
}
