"""GraphQL: workflows and enrolments."""
