<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>AuditReport</name>
    <message numerus="yes">
        <source>Store %1. Made on %2. Shown: %3. %n row(s).</source>
        <translation>
            <numerusform>Store %1. Made on %2. Shown: %3. %n row.</numerusform>
            <numerusform>Store %1. Made on %2. Shown: %3. %n rows.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n reference(s)</source>
        <translation>
            <numerusform>%n reference</numerusform>
            <numerusform>%n references</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>, and what %n decision(s) kept</source>
        <translation>
            <numerusform>, and what %n decision kept</numerusform>
            <numerusform>, and what %n decisions kept</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n more, as the audit has them.</source>
        <translation>
            <numerusform>%n more, as the audit has them.</numerusform>
            <numerusform>%n more, as the audit has them.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>DecisionReport</name>
    <message numerus="yes">
        <source> (mean of the best %n reference(s))</source>
        <translation>
            <numerusform> (mean of the best %n reference)</numerusform>
            <numerusform> (mean of the best %n references)</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Measured with %n reference(s) each, on %1; other populations may fare otherwise.</source>
        <translation>
            <numerusform>Measured with %n reference each, on %1; other populations may fare otherwise.</numerusform>
            <numerusform>Measured with %n references each, on %1; other populations may fare otherwise.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>countersign::ui::CameraDialog</name>
    <message numerus="yes">
        <source>Similarity %1 over the best %n picture(s); τ is %2.</source>
        <translation>
            <numerusform>Similarity %1 over one picture; τ is %2.</numerusform>
            <numerusform>Similarity %1 over the best %n pictures; τ is %2.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>countersign::ui::EnrolPanel</name>
    <message numerus="yes">
        <source>%n image(s) cannot be used as they are: crop them, or leave them out.</source>
        <translation>
            <numerusform>%n image cannot be used as it is: crop it, or leave it out.</numerusform>
            <numerusform>%n images cannot be used as they are: crop them, or leave them out.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Enrol %n signature(s)</source>
        <translation>
            <numerusform>Enrol %n signature</numerusform>
            <numerusform>Enrol %n signatures</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n signature(s) of %1 enrolled.</source>
        <translation>
            <numerusform>%n signature of %1 enrolled.</numerusform>
            <numerusform>%n signatures of %1 enrolled.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Enrol %n face(s)</source>
        <translation>
            <numerusform>Enrol %n face</numerusform>
            <numerusform>Enrol %n faces</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n face(s) of %1 enrolled.</source>
        <translation>
            <numerusform>%n face of %1 enrolled.</numerusform>
            <numerusform>%n faces of %1 enrolled.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>countersign::ui::ErasureDialog</name>
    <message numerus="yes">
        <source>%n person(s) will be erased:</source>
        <translation>
            <numerusform>%n person will be erased:</numerusform>
            <numerusform>%n people will be erased:</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>countersign::ui::IdentifyPage</name>
    <message numerus="yes">
        <source>Compared with %n person(s) on file.</source>
        <translation>
            <numerusform>Compared with %n person on file.</numerusform>
            <numerusform>Compared with %n people on file.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>countersign::ui::NearestOthers</name>
    <message numerus="yes">
        <source>By themselves, %1 of %n reference(s) lie above τ.</source>
        <translation>
            <numerusform>By itself, %1 of %n reference lies above τ.</numerusform>
            <numerusform>By themselves, %1 of %n references lie above τ.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>countersign::ui::NetworkPage</name>
    <message numerus="yes">
        <source>after %n minute(s) without key or mouse</source>
        <translation>
            <numerusform>after %n minute without key or mouse</numerusform>
            <numerusform>after %n minutes without key or mouse</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>countersign::ui::OfficeSession</name>
    <message numerus="yes">
        <source>%n image(s) enrolled</source>
        <translation>
            <numerusform>%n image enrolled</numerusform>
            <numerusform>%n images enrolled</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source> of %n person(s).</source>
        <translation>
            <numerusform> of %n person.</numerusform>
            <numerusform> of %n people.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Backed up and verified: %n person(s)</source>
        <translation>
            <numerusform>Backed up and verified: %n person</numerusform>
            <numerusform>Backed up and verified: %n people</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Restored, %n person(s).</source>
        <translation>
            <numerusform>Restored, %n person.</numerusform>
            <numerusform>Restored, %n people.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source> %n person(s) had a threshold set by hand; set it anew.</source>
        <translation>
            <numerusform> %n person had a threshold set by hand; set it anew.</numerusform>
            <numerusform> %n people had thresholds set by hand; set them anew.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n person(s) erased.</source>
        <translation>
            <numerusform>%n person erased.</numerusform>
            <numerusform>%n people erased.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n person(s)</source>
        <translation>
            <numerusform>%n person</numerusform>
            <numerusform>%n people</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>countersign::ui::PeoplePage</name>
    <message numerus="yes">
        <source>%n person(s)</source>
        <translation>
            <numerusform>%n person</numerusform>
            <numerusform>%n people</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n reference(s); %1 to %2 are advised.</source>
        <translation>
            <numerusform>%n reference; %1 to %2 are advised.</numerusform>
            <numerusform>%n references; %1 to %2 are advised.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n reference(s)</source>
        <translation>
            <numerusform>%n reference</numerusform>
            <numerusform>%n references</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n more below.</source>
        <translation>
            <numerusform>%n more below.</numerusform>
            <numerusform>%n more below.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Due: %n person(s)…</source>
        <translation>
            <numerusform>Due: %n person…</numerusform>
            <numerusform>Due: %n people…</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n person(s) with their images will be encrypted by it. Tell it to whoever imports the file, by another way than the file.</source>
        <translation>
            <numerusform>%n person with their images will be encrypted by it. Tell it to whoever imports the file, by another way than the file.</numerusform>
            <numerusform>%n people with their images will be encrypted by it. Tell it to whoever imports the file, by another way than the file.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>countersign::ui::ReceiptDialog</name>
    <message numerus="yes">
        <source>%n person(s) erased.</source>
        <translation>
            <numerusform>%n person erased.</numerusform>
            <numerusform>%n people erased.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>countersign::ui::ThresholdEvidence</name>
    <message numerus="yes">
        <source>%n reference(s) each</source>
        <translation>
            <numerusform>%n reference each</numerusform>
            <numerusform>%n references each</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n person(s) with one reference cannot be missed here.</source>
        <translation>
            <numerusform>%n person with one reference cannot be missed here.</numerusform>
            <numerusform>%n people with one reference cannot be missed here.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n blind check(s)</source>
        <translation>
            <numerusform>%n blind check</numerusform>
            <numerusform>%n blind checks</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>countersign::ui::ThresholdGoalPanel</name>
    <message numerus="yes">
        <source>%n person(s) cannot show so low a rate: even without a single error they only show that it is under %1.</source>
        <translation>
            <numerusform>%n person cannot show so low a rate: even without a single error it only shows that it is under %1.</numerusform>
            <numerusform>%n people cannot show so low a rate: even without a single error they only show that it is under %1.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>countersign::ui::ThresholdPanel</name>
    <message numerus="yes">
        <source>Measured on %1 comparisons of %2, with %n reference(s) each; in brackets the 95 % interval.</source>
        <translation>
            <numerusform>Measured on %1 comparisons of %2, with %n reference each; in brackets the 95 % interval.</numerusform>
            <numerusform>Measured on %1 comparisons of %2, with %n references each; in brackets the 95 % interval.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>countersign::ui::TrainPage</name>
    <message numerus="yes">
        <source>Show %n kept run(s)</source>
        <translation>
            <numerusform>Show %n kept run</numerusform>
            <numerusform>Show %n kept runs</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>countersign::ui::TrainSetupPanel</name>
    <message numerus="yes">
        <source>%n people</source>
        <translation>
            <numerusform>%n person</numerusform>
            <numerusform>%n people</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n genuine signatures</source>
        <translation>
            <numerusform>%n genuine signature</numerusform>
            <numerusform>%n genuine signatures</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n forgeries</source>
        <translation>
            <numerusform>%n forgery</numerusform>
            <numerusform>%n forgeries</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n things to know</source>
        <translation>
            <numerusform>%n thing to know</numerusform>
            <numerusform>%n things to know</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n photos</source>
        <translation>
            <numerusform>%n photo</numerusform>
            <numerusform>%n photos</numerusform>
        </translation>
    </message>
</context>
</TS>
