import { defineQuery } from '@temporalio/workflow';
import { REPORT_QUERY, type EmergencyReport } from '#domain/emergency/emergency.ts';

/** Of an emergency: how it stands. */
export const emergencyReport = defineQuery<EmergencyReport>(REPORT_QUERY);
