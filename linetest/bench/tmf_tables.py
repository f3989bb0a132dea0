"""The forms of TM Forum's open APIs that the simulated system takes, name by name.

Written from the published definitions: TMF621 trouble ticket, TMF653 service test, TMF646 appointment and TMF656
service problem, each 4.0.0. One text for each form: its names, a space between them. ``name!`` is required,
``name:kind`` is of that kind, ``name:Form*`` a list of forms, ``name:=Values`` one of some values; a name alone is a
text. ``+open``, ``+entity`` and ``+ref`` stand for names that many forms share.
"""

SHARED = {
    "+open": "@baseType @schemaLocation:uri @type",
    "+entity": "+open id href:uri",
    "+ref": "+entity name @referredType",
}

VALUES = {
    "AppointmentStateType": "initialized confirmed cancelled completed failed",
    "ServiceProblemStateType": "acknowledged rejected pending held inProgress resolved cancelled closed",
    "TroubleTicketStatusType": "acknowledged rejected pending held inProgress cancelled closed resolved",
}

FORMS = {
    # TMF621
    "TroubleTicket": (
        "+open id href creationDate:moment description expectedResolutionDate:moment externalId lastUpdate:moment "
        "name priority requestedResolutionDate:moment resolutionDate:moment severity statusChangeDate:moment "
        "statusChangeReason ticketType attachment:AttachmentRefOrValue* channel:ChannelRef note:Note* "
        "relatedEntity:RelatedEntity* relatedParty:RelatedParty* status:=TroubleTicketStatusType "
        "statusChange:StatusChange* troubleTicketRelationship:TroubleTicketRelationship*"
    ),
    "TroubleTicket_Create": (
        "+open creationDate:moment description! expectedResolutionDate:moment externalId lastUpdate:moment name "
        "priority requestedResolutionDate:moment resolutionDate:moment severity! statusChangeDate:moment "
        "statusChangeReason ticketType! attachment:AttachmentRefOrValue* channel:ChannelRef note:Note* "
        "relatedEntity:RelatedEntity* relatedParty:RelatedParty* status:=TroubleTicketStatusType "
        "statusChange:StatusChange* troubleTicketRelationship:TroubleTicketRelationship*"
    ),
    "TroubleTicket_Update": (
        "+open description expectedResolutionDate:moment externalId name priority requestedResolutionDate:moment "
        "resolutionDate:moment severity statusChangeReason ticketType attachment:AttachmentRefOrValue* "
        "channel:ChannelRef note:Note* relatedEntity:RelatedEntity* relatedParty:RelatedParty* "
        "status:=TroubleTicketStatusType troubleTicketRelationship:TroubleTicketRelationship*"
    ),
    "AttachmentRefOrValue": (
        "+ref description url:uri attachmentType mimeType content:base64 size:Quantity validFor:TimePeriod"
    ),
    "ChannelRef": "+ref id!",
    "Note": "+open id author date:moment text",
    "RelatedEntity": "+ref @referredType! id! role!",
    "RelatedParty": "+ref @referredType! id! role",
    "StatusChange": "+entity changeDate:moment changeReason status",
    "TroubleTicketRelationship": "+open id href name relationshipType",
    "Quantity": "amount:number units",
    "TimePeriod": "startDateTime:moment endDateTime:moment",
    # TMF653
    "ServiceTest": (
        "+entity description endDateTime:moment mode name startDateTime:moment state characteristic:Characteristic* "
        "relatedParty:RelatedParty* relatedService:ServiceRef testMeasure:TestMeasure* "
        "testSpecification:ServiceTestSpecificationRef validFor:TimePeriod"
    ),
    "ServiceTest_Create": (
        "+open description endDateTime:moment mode name! startDateTime:moment state characteristic:Characteristic* "
        "relatedParty:RelatedParty* relatedService!:ServiceRef testMeasure:TestMeasure* "
        "testSpecification!:ServiceTestSpecificationRef validFor:TimePeriod"
    ),
    "ServiceTest_Update": (
        "+open description endDateTime:moment mode name startDateTime:moment state characteristic:Characteristic* "
        "relatedParty:RelatedParty* relatedService:ServiceRef testMeasure:TestMeasure* "
        "testSpecification:ServiceTestSpecificationRef validFor:TimePeriod"
    ),
    "Characteristic": "+open id name! valueType value!:any characteristicRelationship:CharacteristicRelationship*",
    "ServiceRef": "+ref id!",
    "TestMeasure": (
        "+open accuracy:number captureDateTime:moment captureMethod metricDescription metricHref metricName "
        "unitOfMeasure ruleViolation:MeasureThresholdRuleViolation* value:Characteristic"
    ),
    "ServiceTestSpecificationRef": "+open id! href version @referredType",
    "CharacteristicRelationship": "+entity relationshipType",
    "MeasureThresholdRuleViolation": (
        "+open conformanceComparatorLower conformanceComparatorUpper conformanceTargetExact conformanceTargetLower "
        "conformanceTargetUpper description name numberOfAllowedCrossing:integer thresholdRuleSeverity "
        "appliedConsequence:AppliedConsequence* tolerancePeriod:Duration"
    ),
    "AppliedConsequence": "+open appliedAction description name repeatAction:boolean",
    "Duration": "amount:integer units",
    # TMF646
    "Appointment": (
        "+open id href category creationDate:moment description externalId lastUpdate:moment "
        "attachment:AttachmentRefOrValue* calendarEvent:CalendarEventRef contactMedium:ContactMedium* note:Note* "
        "relatedEntity:RelatedEntity* relatedParty:RelatedParty* relatedPlace:RelatedPlaceRefOrValue "
        "status:=AppointmentStateType validFor!:TimePeriod"
    ),
    "Appointment_Create": (
        "+open category description externalId attachment:AttachmentRefOrValue* calendarEvent:CalendarEventRef "
        "contactMedium:ContactMedium* note:Note* relatedEntity:RelatedEntity* relatedParty:RelatedParty* "
        "relatedPlace:RelatedPlaceRefOrValue validFor!:TimePeriod"
    ),
    "Appointment_Update": (
        "+open category description externalId lastUpdate:moment attachment:AttachmentRefOrValue* "
        "calendarEvent:CalendarEventRef contactMedium:ContactMedium* note:Note* relatedEntity:RelatedEntity* "
        "relatedParty:RelatedParty* relatedPlace:RelatedPlaceRefOrValue status:=AppointmentStateType "
        "validFor!:TimePeriod"
    ),
    "CalendarEventRef": "+ref id!",
    "ContactMedium": "+entity preferred:boolean mediumType validFor:TimePeriod characteristic:MediumCharacteristic",
    "RelatedPlaceRefOrValue": "+open href id name @referredType role!",
    "MediumCharacteristic": (
        "+entity city country emailAddress faxNumber contactType socialNetworkId phoneNumber postCode stateOrProvince "
        "street1 street2"
    ),
    # TMF656
    "ServiceProblem": (
        "+entity affectedNumberOfServices:integer category creationDate:moment description impactImportanceFactor "
        "lastUpdate:moment name originatingSystem priority:integer problemEscalation reason resolutionDate:moment "
        "statusChangeDate:moment statusChangeReason affectedLocation:RelatedPlace* affectedResource:ResourceRef* "
        "affectedService:ServiceRef* characteristic:Characteristic* externalIdentifier:ExternalIdentifier* "
        "firstAlert:RelatedEntity impactPattern:ImpactPattern note:Note* originatorParty:RelatedParty "
        "parentProblem:ServiceProblemRef* relatedEntity:RelatedEntity* relatedEvent:EventRef* "
        "relatedParty:RelatedParty* responsibleParty:RelatedParty rootCauseResource:ResourceRef* "
        "rootCauseService:ServiceRef* slaViolation:SLAViolationRef* status:=ServiceProblemStateType "
        "trackingRecord:TrackingRecord* troubleTicket:TroubleTicketRef* underlyingAlarm:ResourceAlarmRef* "
        "underlyingProblem:ServiceProblemRef*"
    ),
    "ServiceProblem_Create": (
        "+open affectedNumberOfServices:integer category! creationDate:moment description! impactImportanceFactor "
        "lastUpdate:moment name originatingSystem priority!:integer problemEscalation reason! resolutionDate:moment "
        "statusChangeDate:moment statusChangeReason affectedLocation:RelatedPlace* affectedResource:ResourceRef* "
        "affectedService:ServiceRef* characteristic:Characteristic* externalIdentifier:ExternalIdentifier* "
        "firstAlert:RelatedEntity impactPattern:ImpactPattern note:Note* originatorParty!:RelatedParty "
        "parentProblem:ServiceProblemRef* relatedEntity:RelatedEntity* relatedEvent:EventRef* "
        "relatedParty:RelatedParty* responsibleParty:RelatedParty rootCauseResource:ResourceRef* "
        "rootCauseService:ServiceRef* slaViolation:SLAViolationRef* status:=ServiceProblemStateType "
        "trackingRecord:TrackingRecord* troubleTicket:TroubleTicketRef* underlyingAlarm:ResourceAlarmRef* "
        "underlyingProblem:ServiceProblemRef*"
    ),
    "ServiceProblem_Update": (
        "affectedNumberOfServices:integer category creationDate:moment description impactImportanceFactor "
        "lastUpdate:moment name priority:integer problemEscalation reason resolutionDate:moment "
        "statusChangeDate:moment statusChangeReason affectedLocation:RelatedPlace* affectedResource:ResourceRef* "
        "affectedService:ServiceRef* characteristic:Characteristic* externalIdentifier:ExternalIdentifier* "
        "impactPattern:ImpactPattern note:Note* originatorParty:RelatedParty parentProblem:ServiceProblemRef* "
        "relatedEntity:RelatedEntity* relatedEvent:EventRef* relatedParty:RelatedParty* responsibleParty:RelatedParty "
        "rootCauseResource:ResourceRef* rootCauseService:ServiceRef* slaViolation:SLAViolationRef* "
        "status:=ServiceProblemStateType troubleTicket:TroubleTicketRef* underlyingAlarm:ResourceAlarmRef* "
        "underlyingProblem:ServiceProblemRef*"
    ),
    "RelatedPlace": "+open id href name role @referredType",
    "ResourceRef": "+ref id!",
    "ExternalIdentifier": "+entity id! externalIdentifierType owner",
    "ImpactPattern": "+entity description characteristic:Characteristic*",
    "ServiceProblemRef": "+ref id!",
    "EventRef": "+ref id! eventTime:moment",
    "SLAViolationRef": "+ref id!",
    "TrackingRecord": "+open id description systemId time:moment user characteristic:Characteristic*",
    "TroubleTicketRef": "+ref id!",
    "ResourceAlarmRef": "+open id! href changeRequest:EntityRef @referredType",
    "EntityRef": "+ref id!",
}
