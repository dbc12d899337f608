import type { JsonObject } from '../../base/json.ts'
import { type Args, switchOf, textOf } from './command.ts'

/** The changes to a Cloud Run service that a command line requests. */
export type Change = { ingress?: string; invokerCheck?: boolean; iap?: boolean; serviceAccount?: string }

/** What changes in a new revision: its image by digest, and a label that identifies it. */
export type Revised = { image: string | undefined; nonce: string }

const RUN = 'run.googleapis.com'

/** Reads the requested changes from a command line. */
export function changeOf(args: Args): Change {
  const ingress = textOf(args, 'ingress')
  const invokerCheck = switchOf(args, 'invoker-iam-check')
  const iap = switchOf(args, 'iap')
  const serviceAccount = textOf(args, 'service-account')
  return {
    ...(ingress === undefined ? {} : { ingress }),
    ...(invokerCheck === undefined ? {} : { invokerCheck }),
    ...(iap === undefined ? {} : { iap }),
    ...(serviceAccount === undefined ? {} : { serviceAccount }),
  }
}

/**
 * Returns the whole object to write over a service. As in gcloud, it also names the client, drops the annotation of a
 * Binary Authorization break-glass and, on the beta track, sets the launch stage.
 */
export function changedService(
  service: JsonObject,
  change: Change,
  { track, client }: { track: Args['track']; client: string },
  revised?: Revised,
): JsonObject {
  const metadata = (service.metadata ?? {}) as JsonObject
  const {
    [`${RUN}/binary-authorization-breakglass`]: _,
    [`${RUN}/iap-enabled`]: iap,
    ...kept
  } = (metadata.annotations ?? {}) as JsonObject
  const annotations: JsonObject = {
    ...kept,
    ...(change.iap === undefined && iap !== undefined ? { [`${RUN}/iap-enabled`]: iap } : {}),
    ...(change.iap ? { [`${RUN}/iap-enabled`]: 'true' } : {}),
    ...(change.ingress === undefined ? {} : { [`${RUN}/ingress`]: change.ingress }),
    ...(change.invokerCheck === undefined
      ? {}
      : { [`${RUN}/invoker-iam-disabled`]: change.invokerCheck ? 'False' : 'True' }),
    ...clientAnnotations(client),
    ...(track === 'beta' ? { [`${RUN}/launch-stage`]: 'BETA' } : {}),
  }
  const changed = { ...service, metadata: { ...metadata, annotations } }
  return revised ? { ...changed, spec: revisedSpec(service.spec as JsonObject, change, client, revised) } : changed
}

const clientAnnotations = (client: string): JsonObject => ({
  [`${RUN}/client-name`]: 'gcloud',
  [`${RUN}/client-version`]: client,
})

/** Returns the container that takes the requests: the one with a port, or the only one. */
export const ingressContainer = (containers: JsonObject[]): JsonObject | undefined =>
  containers.find(({ ports }) => Array.isArray(ports) && ports.length > 0) ?? containers[0]

function revisedSpec(spec: JsonObject, change: Change, client: string, { image, nonce }: Revised): JsonObject {
  const template = spec.template as JsonObject
  const { name: _, ...metadata } = (template.metadata ?? {}) as JsonObject
  const inner = template.spec as JsonObject
  const containers = inner.containers as JsonObject[]
  return {
    ...spec,
    template: {
      ...template,
      metadata: {
        ...metadata,
        annotations: { ...(metadata.annotations as JsonObject | undefined), ...clientAnnotations(client) },
        labels: { ...(metadata.labels as JsonObject | undefined), 'client.knative.dev/nonce': nonce },
      },
      spec: {
        ...inner,
        ...(change.serviceAccount === undefined ? {} : { serviceAccountName: change.serviceAccount }),
        containers: containers.map((each) =>
          image !== undefined && each === ingressContainer(containers) ? { ...each, image } : each,
        ),
      },
    },
  }
}
