import { makeDockerBed } from '../support/containers/docker-bed.ts';
import { containerEngineConformance } from './container-engine.suite.ts';

containerEngineConformance('Docker', makeDockerBed);
