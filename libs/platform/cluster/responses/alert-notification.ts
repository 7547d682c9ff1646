import { z } from 'zod';

const text = z.string().max(1000);
const labels = z
  .record(z.string().max(200), text)
  .refine((entries) => Object.keys(entries).length <= 64, 'at most 64 labels are taken');

/** What may be done about an alert: the values of its label `action`, as deploy/prometheus/alerts.yml has them. */
export const responseActions = ['scale_out', 'immediate_scale_out'] as const;
export type ResponseAction = (typeof responseActions)[number];

const alertSchema = z.object({
  status: z.enum(['firing', 'resolved']),
  labels,
  /** The same for the same labels, so that a repeated notification is known. */
  fingerprint: z.string().min(1).max(64),
  /** The same alert fires anew with another one. */
  startsAt: z.iso.datetime({ offset: true }),
});

/** Body of a webhook of Alertmanager, version 4; what is not used is not looked at. */
export const alertNotificationSchema = z.object({
  version: z.literal('4'),
  alerts: z.array(alertSchema).max(200),
});

export type AlertNotification = z.infer<typeof alertNotificationSchema>;
export type Alert = AlertNotification['alerts'][number];

/** The action that an alert asks for; undefined where a person has to see to it. */
export function actionOf({ labels: { action } }: Alert): ResponseAction | undefined {
  return responseActions.find((known) => known === action);
}
