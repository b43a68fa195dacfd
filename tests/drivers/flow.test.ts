import { driverSuite } from '../drivers.suite.ts'
import { askedSuite } from '../drivers-asked.suite.ts'

driverSuite('flow')
askedSuite('flow')
