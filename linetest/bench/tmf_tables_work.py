"""The forms of TMF697, work order 4.0, as `tmf_tables` writes them; published with ``allOf``."""

VALUES = {
    "OrderItemActionType": "add modify delete noChange",
    "PriceType": "recurring oneTime usage",
    "WorkOrderItemStateType": (
        "acknowledged rejected pending held inProgress cancelled completed failed partial "
        "assessingCancellation pendingCancellation"
    ),
    "WorkOrderStateType": (
        "acknowledged rejected pending held inProgress cancelled completed failed partial "
        "assessingCancellation pendingCancellation"
    ),
    "WorkStateType": "acknowledged rejected pending held inProgress cancelled completed failed partial",
    "WorkforceEmployeeAssignmentStateType": (
        "acknowledged rejected pending held inProgress cancelled completed failed partial"
    ),
}

FORMS = {
    "WorkOrder": (
        "+open href id agreement:AgreementRef* appointment:AppointmentRef billingAccount:BillingAccountRef "
        "cancellationDate:moment cancellationReason category channel:RelatedChannel* completionDate:moment "
        "description expectedCompletionDate:moment externalId note:Note notificationContact order:OrderRef* "
        "orderDate:moment orderTotalPrice:OrderPrice* payment:PaymentRef* place:PlaceRefOrValue priority "
        "quote:QuoteRef* relatedEntity:RelatedEntity* relatedParty:RelatedParty* requestedCompletionDate:moment "
        "requestedStartDate:moment startDate:moment state:=WorkOrderStateType stateChangeDate:moment version "
        "workOrderItem!:WorkOrderItem* workOrderRelationship:OrderRelationship*"
    ),
    "AgreementRef": "+ref",
    "AppointmentRef": "+open href id description @referredType",
    "BillingAccountRef": "+open href id name ratingType @referredType",
    "RelatedChannel": "+ref role",
    "OrderRef": "+ref",
    "OrderPrice": (
        "+entity description name productOfferingPrice:ProductOfferingPriceRef priceType recurringChargePeriod "
        "unitOfMeasure billingAccount:BillingAccountRef price:Price priceAlteration:PriceAlteration*"
    ),
    "PaymentRef": "+ref",
    "PlaceRefOrValue": "+open href id name @referredType",
    "QuoteRef": "+ref",
    "WorkOrderItem": (
        "+open action:=OrderItemActionType appointment:AppointmentRef billingAccount:BillingAccountRef description id "
        "itemPrice:OrderItemPrice* itemTotalPrice:OrderItemPrice* note:Note orderItem:OrderItemRef* "
        "payment:PaymentRef* relatedEntity:RelatedEntity* state:=WorkOrderItemStateType work:WorkRefOrValue "
        "workOrderItem:WorkOrderItem* workOrderItemRelationship:OrderItemRelationship*"
    ),
    "OrderRelationship": "+open href id relationshipType",
    "ProductOfferingPriceRef": "+ref",
    "Price": "+entity dutyFreeAmount:Money percentage:number taxIncludedAmount:Money taxRate:number",
    "PriceAlteration": (
        "+entity applicationDuration:integer description name productOfferingPrice:ProductOfferingPriceRef priceType! "
        "priority:integer recurringChargePeriod unitOfMeasure price!:Price"
    ),
    "OrderItemPrice": (
        "+entity description name productOfferingPrice:ProductOfferingPriceRef priceType! recurringChargePeriod "
        "unitOfMeasure billingAccount:BillingAccountRef price!:Price priceAlteration:PriceAlteration*"
    ),
    "OrderItemRef": "+ref",
    "WorkRefOrValue": (
        "+ref actualDuration:Quantity agreement:AgreementRef* appointment:AppointmentRef completionDate:moment "
        "currentDuration:Quantity deliveryTimeSlot:TimePeriod description expectedCompletionDate:moment note:Note "
        "orderDate:moment percentageComplete:number place:RelatedPlaceRefOrValue* plannedDuration:Quantity "
        "quantity:Quantity relatedParty:RelatedParty* scheduledDuration:Quantity state:=WorkStateType "
        "work:WorkRefOrValue* workCharacteristic:Characteristic* workOrderItem:RelatedWorkOrderItem* "
        "workPrice:WorkPrice* workPriority workRelationship:WorkRelationship* workSpecification:WorkSpecificationRef "
        "workType workforceEmployeeAssignment:WorkforceEmployeeAssignment*"
    ),
    "OrderItemRelationship": "+entity relationshipType",
    "Money": "unit value:number",
    "RelatedWorkOrderItem": "+open @referredType orderItemAction orderItemId! role workOrderHref workOrderId!",
    "WorkPrice": (
        "+entity billingAccount:BillingAccountRef description name price:Price priceAlteration:PriceAlteration* "
        "priceType:=PriceType recurringChargePeriod unitOfMeasure"
    ),
    "WorkRelationship": "+entity relationshipType! work:WorkRefOrValue workRelationshipCharacteristic:Characteristic*",
    "WorkSpecificationRef": "+ref",
    "WorkforceEmployeeAssignment": (
        "+open description! id! skillType! state:=WorkforceEmployeeAssignmentStateType timeSlot:TimeSlot* "
        "workforceEmployee!:PartyRefOrValue"
    ),
    "TimeSlot": "+open href id relatedParty:RelatedParty validFor:TimePeriod",
    "PartyRefOrValue": (
        "+open href id name @referredType! externalReference:ExternalReference* partyCharacteristic:Characteristic* "
        "taxExemptionCertificate:TaxExemptionCertificate* creditRating:PartyCreditProfile* relatedParty:RelatedParty* "
        "contactMedium:ContactMedium*"
    ),
    "ExternalReference": "+entity externalReferenceType name",
    "TaxExemptionCertificate": (
        "+open id taxDefinition:TaxDefinition* validFor:TimePeriod certificateNumber issuingJurisdiction reason "
        "attachment:AttachmentRefOrValue"
    ),
    "PartyCreditProfile": (
        "+entity creditAgencyName creditAgencyType ratingReference ratingScore:integer validFor:TimePeriod"
    ),
    "TaxDefinition": "+open id name validFor:TimePeriod jurisdictionName jurisdictionLevel taxType",
}
