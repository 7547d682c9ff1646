import { projectIdSchema, runIdSchema } from '@testcast/contracts';
import type { RoomParams } from '#platform/realtime';

export function isProject({ projectId }: RoomParams): boolean {
  return projectIdSchema.safeParse(projectId).success;
}

export function isRun(params: RoomParams): boolean {
  return isProject(params) && runIdSchema.safeParse(params['runId']).success;
}
