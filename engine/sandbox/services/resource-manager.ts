import type { JsonObject } from '../../base/json.ts'
import type { Route } from '../model/call.ts'
import { timestamp } from '../model/clock.ts'
import type { Project } from '../model/world.ts'
import { policyInEffect, policyJson, replacedPolicy, requestedVersion } from './policy.ts'

const path = '/v1/projects/{project}'

/** Resource Manager v1: projects and their IAM policies (cloud.google.com/resource-manager/reference/rest/v1/projects). */
export const resourceManagerRoutes: Route[] = [
  {
    service: 'cloudresourcemanager',
    method: 'projects.list',
    verb: 'GET',
    path: '/v1/projects',
    handleAll: ({ projects }) => ({ projects: projects.map(projectJson) }),
  },
  {
    service: 'cloudresourcemanager',
    method: 'projects.get',
    verb: 'GET',
    path,
    handle: (_, project) => projectJson(project),
  },
  {
    service: 'cloudresourcemanager',
    method: 'projects.getIamPolicy',
    verb: 'POST',
    path: `${path}:getIamPolicy`,
    handle: (_, { policy }, { body, query }) => policyJson(policy, requestedVersion(body, query)),
  },
  {
    service: 'cloudresourcemanager',
    method: 'projects.setIamPolicy',
    verb: 'POST',
    path: `${path}:setIamPolicy`,
    handle(world, project, { body, effects }) {
      const policy = replacedPolicy(world, project.policy, body)
      const now = world.clock.now()
      const until = now + (effects?.propagationMs ?? 0)
      Object.assign(project, { policy, policyBefore: { policy: policyInEffect(project, now), until } })
      return policyJson(project.policy, 3)
    },
  },
  {
    service: 'cloudresourcemanager',
    method: 'projects.testIamPermissions',
    verb: 'POST',
    path: `${path}:testIamPermissions`,
    handle: (_, __, { body }) => ({ permissions: body.permissions ?? [] }),
  },
]

const projectJson = ({ id, number, created }: Project): JsonObject => ({
  projectNumber: number,
  projectId: id,
  lifecycleState: 'ACTIVE',
  name: id,
  createTime: timestamp(created),
})
