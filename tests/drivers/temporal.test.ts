import { driverSuite } from '../drivers.suite.ts'

driverSuite('temporal')
