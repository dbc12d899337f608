import type { JsonObject } from '../../base/json.ts'
import { own } from '../../base/own.ts'
import { refuse } from '../model/answer.ts'
import type { Call } from '../model/call.ts'
import { uuid } from '../model/identifiers.ts'
import type { Project, RunService, World } from '../model/world.ts'
import { unsetPolicy } from './policy.ts'
import { revisionJson } from './run-service.ts'

/** How long an update takes by default. */
export const defaultReadyAfterMs = 500

/** Returns a service to which nothing has been written yet. */
export const newService = ({ clock, random }: World, given: { name: string; region: string }): RunService => ({
  ...given,
  uid: uuid(random),
  created: clock.now(),
  generation: 0,
  resourceVersion: '',
  labels: {},
  annotations: {},
  spec: {},
  policy: unsetPolicy(),
  revisions: [],
  changed: clock.now(),
  readyAt: clock.now(),
  readiness: { kind: 'ready' },
  postures: [],
  responds: { '/': 200 },
  readyAfterMs: defaultReadyAfterMs,
  propagationMs: 0,
})

/** Lists the revisions of a region, or those that match `labelSelector` (`a = b, c = d`). */
export function listRevisions(world: World, project: Project, { region, query }: Call): JsonObject {
  const wanted = (query.get('labelSelector') ?? '')
    .split(',')
    .filter((term) => term.trim() !== '')
    .map((term) => term.split(/==?/).map((part) => part.trim()))
  const items = [...project.services.values()]
    .filter((service) => region === undefined || service.region === region)
    .flatMap((service) => service.revisions.map((revision) => revisionJson(world, project, service, revision)))
    .filter(({ metadata }) => {
      const { labels } = metadata as { labels: JsonObject }
      return wanted.every(([key, value]) => own(labels, key!) === value)
    })
  return { apiVersion: 'serving.knative.dev/v1', kind: 'RevisionList', metadata: {}, items }
}

/** Returns the revision that a call names. */
export function revisionOf(world: World, project: Project, { params }: Call): JsonObject {
  for (const service of project.services.values())
    for (const revision of service.revisions)
      if (revision.name === params.revision) return revisionJson(world, project, service, revision)
  return refuse(404, `Resource '${params.revision}' of kind 'REVISION' in project '${project.id}' does not exist.`)
}
